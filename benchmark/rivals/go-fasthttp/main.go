package main

import (
	"os"

	"github.com/valyala/fasthttp"
)

func main() {
	routes := map[string]func(*fasthttp.RequestCtx) string{
		"/": hello, "/browser": browser, "/echo": echo, "/64k": large, "/block": block,
		"/burn": burn, "/timer": timer,
	}
	answer := func(c *fasthttp.RequestCtx) { c.WriteString(routes[string(c.Path())](c)) }
	// The default buffer of 4 KiB refuses the case of 4 KiB of headers.
	server := fasthttp.Server{ReadBufferSize: 16 << 10, Handler: answer}
	if err := server.ListenAndServe("127.0.0.1:" + os.Args[1]); err != nil {
		panic(err)
	}
}
