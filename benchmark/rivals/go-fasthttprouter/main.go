// go-fasthttprouter prints what a lookup in buaazp/fasthttprouter costs, in nanoseconds, for the
// routes of the file named by its argument: every route in turn, with paths that are made afresh
// out of bytes. What making them costs is measured and taken off.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/buaazp/fasthttprouter"
	"github.com/valyala/fasthttp"
)

type route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

type request struct {
	method string
	path   []byte
}

var wildcard = regexp.MustCompile(`[:*].*`)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var set struct {
		Routes []route `json:"routes"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		panic(err)
	}
	router := fasthttprouter.New()
	requests := make([]request, 0, len(set.Routes))
	for _, route := range set.Routes {
		router.Handle(route.Method, route.Path, func(*fasthttp.RequestCtx) {})
		requests = append(requests, request{route.Method, []byte(filled(route.Path))})
	}
	ctx := &fasthttp.RequestCtx{}
	look := func(method, path string) {
		if handler, _ := router.Lookup(method, path, ctx); handler == nil {
			panic(method + " " + path + " is not found")
		}
		// A request begins without the values of the one before.
		ctx.ResetUserValues()
	}
	cost := turn(requests, look) - turn(requests, pass)
	fmt.Printf("%.1f\n", cost/float64(len(requests)))
}

// filled gives the path of a request: values in place of wildcards.
func filled(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		segments[i] = wildcard.ReplaceAllString(segment, fmt.Sprintf("val%dx", i))
	}
	return strings.Join(segments, "/")
}

var kept string

// pass keeps the path, so that it has to be made.
func pass(_, path string) { kept = path }

// turn gives the nanoseconds of one turn of all requests, the best of five measurements: a busy
// machine only adds to it.
func turn(requests []request, look func(method, path string)) float64 {
	best := 0.0
	for round := 0; round < 5; round++ {
		result := testing.Benchmark(func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				for _, request := range requests {
					look(request.method, string(request.path))
				}
			}
		})
		each := float64(result.T.Nanoseconds()) / float64(result.N)
		if round == 0 || each < best {
			best = each
		}
	}
	return best
}
