"""A reading room without a network: Starlette's own client on the page's own endpoints."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboards.reading_desk.routes import reading_routes


def room():
    """A client of the desk's endpoints."""
    return TestClient(Starlette(routes=reading_routes()))


class Reader:
    """One reader's browser, as far as the network goes; keeps everything that it ever received.

    Attributes:
        place: where the server says the reader stands.
        received: every reply, as bytes with headers.
    """

    def __init__(self, client, opened, name, *, code=None):
        self.client, self.received = client, []
        code = code or dict(opened.codes)[name]
        entry = self.call("enter", {"study": opened.study_id, "name": name, "code": code}).json()
        self.token = entry["token"]
        self.code = entry["code"]
        self.place = self.call("agree", {"experience": "5 years", "display": "24 inch"}).json()
        self.desk = self.call("desk").json()

    def call(self, path, payload=None):
        headers = {"X-Reading-Token": getattr(self, "token", "")}
        method = "GET" if payload is None else "POST"
        reply = self.client.request(method, f"/reading/api/{path}", json=payload, headers=headers)
        self.received.append(reply.content + str(reply.headers).encode())
        return reply

    def answer(self, **said):
        """Answer the open step; returns the reply."""
        position = self.place["step"]["position"]
        payload = {"position": position, "answer_key": f"{self.token[:20]}".replace("_", "-") + f"-{position}"}
        reply = self.call("answer", payload | {"seconds": 2.0} | said)
        if reply.status_code == 200:
            self.place = reply.json()["place"]
        return reply
