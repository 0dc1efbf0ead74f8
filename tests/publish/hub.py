"""A local stand-in for the hub's HTTP API: repositories, large files, commits, downloads; and faults on demand.

It keeps what it is sent and nothing else, so a test sees exactly what went up.
"""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import yaml

TOKEN = "hf_" + "standin" * 5
#: What the hub keeps as large files: by suffix, and pictures because they are no text.
LARGE = (".safetensors", ".png")
BRANCHES = ("main", "dev")


@dataclass
class Repo:
    """A repository: its files, and every commit as the files it left."""

    private: bool
    sdk: str | None = None
    hardware: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files):
        self.files = files
        name = hashlib.sha1(repr((len(self.commits), sorted(files.items()))).encode()).hexdigest()
        self.commits.append((name, dict(files)))
        return name

    def at(self, revision):
        for name, files in self.commits:
            if name == self.tags.get(revision, revision):
                return name, files
        return self.commits[-1] if revision in (*BRANCHES, "HEAD") else None


@dataclass
class Hub:
    """What the stand-in holds, and how it misbehaves.

    Attributes:
        repos: (kind, "owner/name") -> repository.
        stored: large files by SHA-256.
        sent: (method, path) of every request.
        faults: part of a path -> statuses to answer with, one request each; 0 hangs up.
        received: every body that came in.
        arrived: SHA-256 of each large file that came in whole, each time.
        held_up: part of a path whose first request is kept waiting until `released` is set; then it is refused.
        waiting: set when that request is there.
    """

    repos: dict = field(default_factory=dict)
    stored: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)
    faults: dict = field(default_factory=dict)
    received: list = field(default_factory=list)
    arrived: list = field(default_factory=list)
    held_up: str = ""
    waiting: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def store(self, oid, content):
        self.stored[oid] = content
        self.arrived.append(oid)

    def serve(self):
        hub = self

        class Handler(_Handler):
            state = hub

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server, f"http://127.0.0.1:{server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Hub

    def log_message(self, *args):
        pass

    def do_GET(self):
        self._answer("GET")

    def do_HEAD(self):
        self._answer("HEAD")

    def do_POST(self):
        self._answer("POST")

    def do_PUT(self):
        self._answer("PUT")

    def _answer(self, method):
        path = unquote(urlsplit(self.path).path)
        if self.state.held_up and self.state.held_up in path and not self.state.waiting.is_set():
            self.state.waiting.set()
            self.state.released.wait(60)
            self.close_connection = True
            return
        body = self._body()
        self.state.sent.append((method, path))
        for part, statuses in self.state.faults.items():
            if part in path and statuses:
                status = statuses.pop(0)
                if status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                self._json({"error": "a fault of the test"}, status=status)
                return
        self.state.received.append(body)
        if method == "PUT":
            oid = path.rsplit("/", 1)[1]
            assert hashlib.sha256(body).hexdigest() == oid
            self.state.store(oid, body)
            self._json({})
        elif path == "/api/validate-yaml":
            self._validate(json.loads(body))
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json({"error": "Invalid credentials"}, status=401)
        elif path == "/api/whoami-v2":
            self._json({"name": "me", "type": "user", "orgs": []})
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif path.endswith(".git/info/lfs/objects/batch"):
            self._batch(json.loads(body))
        elif path.startswith("/api/"):
            self._api(method, path, body)
        else:
            self._resolve(method, path)

    def _body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _validate(self, asked):
        try:
            yaml.safe_load(asked["content"].split("---")[1])
        except (yaml.YAMLError, IndexError) as error:
            self._json({"errors": [{"message": str(error)}], "warnings": []}, status=400)
        else:
            self._json({"errors": [], "warnings": []})

    def _create(self, asked):
        owner = asked.get("organization") or "me"
        kind, name = asked.get("type", "model"), f"{owner}/{asked['name']}"
        if owner != "me":
            self._json({"error": "You don't have the rights to create a repo here"}, status=403)
        elif (kind, name) in self.state.repos:
            self._json({"error": "exists"}, status=409)
        else:
            made = Repo(asked.get("visibility") == "private", asked.get("sdk"), asked.get("hardware"))
            made.commit({".gitattributes": b"*.safetensors filter=lfs\n"})
            self.state.repos[kind, name] = made
            self._json({"url": f"http://{self.headers['Host']}/{name}", "name": name, "id": name})

    def _batch(self, asked):
        objects = []
        for each in asked["objects"]:
            objects.append({"oid": each["oid"], "size": each["size"]})
            if each["oid"] not in self.state.stored:
                href = f"http://{self.headers['Host']}/lfs/{each['oid']}"
                objects[-1]["actions"] = {"upload": {"href": href, "header": {}}}
        self._json({"transfer": "basic", "objects": objects})

    def _api(self, method, path, body):
        _, _, kinds, owner, name, *rest = path.split("/")
        repo = self.state.repos.get((kinds.removesuffix("s"), f"{owner}/{name}"))
        if repo is None:
            self._json({"error": "Repository not found"}, status=404, code="RepoNotFound")
        elif rest[:1] == ["preupload"]:
            files = json.loads(body)["files"]
            self._json({"files": [self._mode(repo, each["path"]) for each in files]})
        elif rest[:1] == ["refs"]:
            branches = [_ref("heads", each, repo.commits[-1][0]) for each in BRANCHES]
            tags = [_ref("tags", *each) for each in repo.tags.items()]
            self._json({"branches": branches, "converts": [], "tags": tags})
        elif rest[:1] == ["commit"] and method == "POST":
            prefix = "spaces/" if kinds == "spaces" else ""
            self._commit(repo, body, f"http://{self.headers['Host']}/{prefix}{owner}/{name}")
        else:
            revision = rest[1] if len(rest) > 1 else "main"
            found = repo.at(revision)
            if found is None:
                self._json({"error": "Revision not found"}, status=404, code="RevisionNotFound")
            elif rest[:1] == ["tree"]:
                self._json([_entry(file, content) for file, content in sorted(found[1].items())])
            else:
                files = [{"rfilename": file} for file in sorted(found[1])]
                self._json({"id": f"{owner}/{name}", "sha": found[0], "private": repo.private, "siblings": files})

    def _mode(self, repo, path):
        large = path.endswith(LARGE)
        content = repo.files.get(path)
        oid = None if content is None else hashlib.sha256(content).hexdigest() if large else _git_oid(content)
        return {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": oid}

    def _commit(self, repo, body, page):
        files = dict(repo.files)
        for line in body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.state.stored[value["oid"]]
            elif item["key"] == "deletedFile":
                del files[value["path"]]
        oid = repo.commit(files)
        self._json({"commitUrl": f"{page}/commit/{oid}", "commitOid": oid})

    def _resolve(self, method, path):
        parts = path.strip("/").split("/")
        kind = "space" if parts[0] == "spaces" else "model"
        owner, name, _, revision, *file = parts[1:] if kind == "space" else parts
        repo = self.state.repos.get((kind, f"{owner}/{name}"))
        found = repo.at(revision) if repo else None
        content = found[1].get("/".join(file)) if found else None
        if content is None:
            self._json({"error": "not found"}, status=404, code="EntryNotFound")
            return
        etag = hashlib.sha256(content).hexdigest()
        headers = {"X-Repo-Commit": found[0], "ETag": f'"{etag}"', "Content-Type": "application/octet-stream"}
        self._send(200, content if method == "GET" else b"", headers, length=len(content))

    def _json(self, content, *, status=200, code=""):
        headers = {"Content-Type": "application/json"} | ({"X-Error-Code": code} if code else {})
        self._send(status, json.dumps(content).encode(), headers)

    def _send(self, status, body, headers, *, length=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _ref(kind, name, commit):
    return {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit}


def _git_oid(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _entry(path, content):
    entry = {"type": "file", "path": path, "size": len(content), "oid": _git_oid(content)}
    if path.endswith(LARGE):
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return entry
