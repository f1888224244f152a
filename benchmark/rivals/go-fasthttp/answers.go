// The answers of benchmark/answers.ts.
package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

var largeText = strings.Repeat("x", 65536)

func hello(*fasthttp.RequestCtx) string { return "Hello, World!" }

func large(*fasthttp.RequestCtx) string { return largeText }

func browser(c *fasthttp.RequestCtx) string {
	query, header := string(c.URI().QueryString()), &c.Request.Header
	language, agent := string(header.Peek("Accept-Language")), string(header.UserAgent())
	return "query " + query + ", language " + language + ", agent " + agent
}

func echo(c *fasthttp.RequestCtx) string {
	body := struct {
		Name string `json:"name"`
	}{}
	if err := json.Unmarshal(c.PostBody(), &body); err != nil {
		return err.Error()
	}
	answer, _ := json.Marshal(body)
	return string(answer)
}

func block(*fasthttp.RequestCtx) string { return spin(time.Millisecond) }

func burn(*fasthttp.RequestCtx) string { return spin(5 * time.Millisecond) }

func spin(duration time.Duration) string {
	for end := time.Now().Add(duration); time.Now().Before(end); {
	}
	return "Hello, World!"
}

type record struct {
	Id     int      `json:"id"`
	Name   string   `json:"name"`
	Tags   []string `json:"tags"`
	Active bool     `json:"active"`
}

func timer(c *fasthttp.RequestCtx) string {
	time.Sleep(time.Millisecond)
	answer, _ := json.Marshal(record{1815, "Ada Lovelace", []string{"one", "two", "three"}, true})
	c.SetContentType("application/json")
	return string(answer)
}
