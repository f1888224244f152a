# Nim's own server, answering what every rival answers.
import std/[asynchttpserver, asyncdispatch, os, strutils]

proc answer(req: Request) {.async, gcsafe.} =
  await req.respond(Http200, "Hello, World!")

waitFor newAsyncHttpServer().serve(Port(parseInt(paramStr(1))), answer, "127.0.0.1")
