"""A service written with FastAPI, whose description FastAPI makes itself: /openapi.json.

Each operation answers with what FastAPI and Pydantic understood of the request. It says READY and its port, and ends when its
input does."""

import base64
import datetime
import decimal
import enum
import hashlib
import socket
import sys
import threading
import uuid
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import Body, Cookie, FastAPI, File, Form, Header, HTTPException, Path, Query, Request, Response, UploadFile
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, Json, SecretStr, computed_field

app = FastAPI(title="Sportello", version="1")
app.add_middleware(GZipMiddleware, minimum_size=1)


class Seen(BaseModel):
    """What was understood, with the Python type of each value that JSON has no word for."""

    seen: dict[str, Any]


def told(value):
    """Writes a value that was understood so that its type shows."""
    if isinstance(value, BaseModel):
        return {name: told(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {k: told(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(v) for v in value]
    if isinstance(value, bytes):
        return "bytes " + base64.b64encode(value).decode()
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return type(value).__name__ + " " + str(value)


def seen(**values):
    return Seen(seen={name: told(v) for name, v in values.items()})


class Colour(enum.Enum):
    red = "rosso"
    blue = "blu scuro"


class Payment(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: decimal.Decimal
    reason: str | None = None
    tags: list[str] = []
    codes: list[int] = []
    when: datetime.datetime | None = None
    signed: bool = False
    colour: Colour = Colour.red


@app.post("/payments", operation_id="pay")
async def pay(payment: Annotated[Payment, Form()]) -> Seen:
    return seen(payment=payment)


async def octets(file):
    data = await file.read()
    return {"name": file.filename, "type": file.content_type, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


class Author(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    born: datetime.date | None = None


@app.post("/acts", operation_id="deposit")
async def deposit(
    title: Annotated[str, Form()],
    act: UploadFile,
    author: Annotated[Json[Author], Form()],
    number: Annotated[int | None, Form()] = None,
    tags: Annotated[list[str], Form()] = [],
    annexes: list[UploadFile] = [],
    seal: Annotated[bytes | None, File()] = None,
) -> Seen:
    return seen(title=title, act=await octets(act), author=author, number=number, tags=tags, annexes=[await octets(x) for x in annexes],
                seal=seal)


@app.put("/scans/{id}", operation_id="scan")
async def scan(id: str, data: Annotated[bytes, Body(media_type="application/octet-stream")]) -> Seen:
    return seen(id=id, size=len(data), sha256=hashlib.sha256(data).hexdigest())


@app.get("/scans/{id}", operation_id="download", response_class=Response,
         responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}})
async def download(id: int):
    return StreamingResponse((bytes([i % 251]) * 1000 for i in range(id)), media_type="application/pdf",
                             headers={"Content-Disposition": 'attachment; filename="a.pdf"'})


class Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str | None = None
    limit: int = Field(10, gt=0, le=100)
    order: Literal["up", "down"] = "up"
    tags: list[str] = []
    since: datetime.date | None = None


@app.get("/search/{section}", operation_id="search")
async def search(
    section: Annotated[Colour, Path()],
    filter: Annotated[Filter, Query()],
) -> Seen:
    return seen(section=section, filter=filter)


@app.get("/places/{id}/{path:path}", operation_id="place")
async def place(
    id: uuid.UUID,
    path: str,
    many: Annotated[list[int], Query(alias="many[]")] = [],
    at: Annotated[datetime.datetime | None, Query()] = None,
    exact: Annotated[decimal.Decimal | None, Query()] = None,
    open: Annotated[bool | None, Query()] = None,
    duration: Annotated[datetime.timedelta | None, Query()] = None,
    x_tags: Annotated[list[str], Header()] = [],
    x_level: Annotated[int, Header()] = 0,
    session: Annotated[str | None, Cookie()] = None,
    level: Annotated[int | None, Cookie()] = None,
) -> Seen:
    return seen(id=id, path=path, many=many, at=at, exact=exact, open=open, duration=duration, x_tags=x_tags, x_level=x_level,
                session=session, level=level)


class Dog(BaseModel):
    kind: Literal["dog"]
    barks: bool


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Person(BaseModel):
    """What is read only is made here, what is write only is never told."""

    model_config = ConfigDict(extra="forbid")
    name: str
    password: Annotated[SecretStr, Field(json_schema_extra={"writeOnly": True}, exclude=True)]
    pet: Annotated[Dog | Cat, Field(discriminator="kind")] | None = None
    position: tuple[float, float] | None = None
    salary: decimal.Decimal | None = None
    photo: Base64Bytes | None = None
    note: bytes | None = None
    since: datetime.datetime | None = None
    pause: datetime.timedelta | None = None
    extra: dict[str, int] = {}
    friends: "list[Person]" = []

    @computed_field
    @property
    def initials(self) -> str:
        return self.name[:1]


@app.post("/people", operation_id="register", status_code=201, responses={"2XX": {"model": Person}})
async def register(person: Person) -> Person:
    if person.password.get_secret_value() != "segreto":
        raise HTTPException(409, "not that password")
    return person


@app.put("/people/{id}/photo", operation_id="portray")
async def portray(id: int, photo: UploadFile | None = None, pages: list[UploadFile] | None = None, caption: Annotated[str | None, Form()] = None) -> Seen:
    return seen(id=id, photo=photo and await octets(photo), pages=pages and [await octets(x) for x in pages], caption=caption)


@app.patch("/people/{id}", operation_id="change", status_code=202, responses={"2XX": {"model": Seen}})
async def change(id: int, patch: dict[str, Any], request: Request, response: Response) -> Seen:
    response.set_cookie("last", str(id))
    return seen(id=id, patch=patch, type=request.headers.get("content-type"))


@app.delete("/people/{id}", operation_id="forget", status_code=204)
async def forget(id: int) -> None:
    return None


@app.post("/lists", operation_id="lists")
async def lists(items: list[Author], dry: bool = False) -> Seen:
    return seen(items=items, dry=dry)


@app.post("/counts", operation_id="count")
async def count(number: Annotated[int, Body()]) -> int:
    return number + 1


@app.post("/two", operation_id="two")
async def two(author: Author, pet: Annotated[Dog | Cat, Body(discriminator="kind")], weight: Annotated[float, Body()] = 1) -> Seen:
    return seen(author=author, pet=pet, weight=weight)


@app.post("/notes", operation_id="note", response_class=PlainTextResponse)
async def note(text: Annotated[str, Body(media_type="text/plain")], request: Request) -> str:
    return request.headers["content-type"] + "|" + request.headers["accept-encoding"] + "|" + text


@app.get("/naive", operation_id="naive")
async def naive() -> dict[str, datetime.datetime]:
    return {"naive": datetime.datetime(2026, 11, 30, 10, 0), "aware": datetime.datetime(2026, 11, 30, 10, 0, tzinfo=datetime.timezone.utc)}


def main():
    s = socket.create_server(("127.0.0.1", 0))
    print("READY", s.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", loop="asyncio"))

    def until_closed():
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_closed, daemon=True).start()
    server.run(sockets=[s])


if __name__ == "__main__":
    main()
