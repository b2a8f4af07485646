"""What the peers written in Python share: the protocol (see knockon.lua), and reading the edge list.

A peer is a class with a method for each question it can be asked; what is not there is skipped. CPU time is that of
the whole process, with all its threads. A request that takes longer than BENCH_LIMIT seconds ends the process.
"""

import csv
import gc
import json
import os
import signal
import sys
import time


def serve(name, version, peer):
    print(f"ready {os.getpid()} {name} {version}", flush=True)
    limit = int(os.environ.get("BENCH_LIMIT", "0"))
    gc.disable()  # the peers make no cycles
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        times, question, arguments = int(words[0]), words[1], words[2:]
        method = getattr(peer, question, None)
        if method is None or (question == "load" and arguments[0] == "plain" and not peer.plain):
            print("skip no such function", flush=True)
            continue
        signal.alarm(limit)
        try:
            if question != "load":
                arguments = [int(word) for word in arguments]
            start = time.process_time()
            for _ in range(times):
                answer = method(*arguments)
            spent = (time.process_time() - start) / times
            print("ok", f"{spent:.9f}", *(int(number) for number in answer), flush=True)
        except Exception as failure:  # told to whoever asked
            print("error", " ".join(f"{type(failure).__name__}: {failure}".split()), flush=True)
        signal.alarm(0)


class Edges:
    """The edge list: src, dst (rows), owned (1 for owned_by), share (thousandths of those, else 0), firm (1 unless a
    service) and parent: a firm in which nobody has at least half. A holding is a pair once, so no sums are needed."""

    def __init__(self, form, folder, ids):
        self.firm = bytearray()
        self.src, self.dst, self.owned, self.share = [], [], bytearray(), []
        if form == "plain":
            self._records(folder)
        else:
            self._fast(form, folder, ids)
        self.count = len(self.firm)
        self.parent = bytearray(self.firm)
        for src, share in zip(self.src, self.share):
            if share >= 500:
                self.parent[src] = 0

    def _fast(self, form, folder, ids):
        row_of = {}
        with open(f"{folder}/nodes.csv", encoding="ascii") as file:
            next(file)
            for line in file:
                name, kind = line.split(",")
                if ids == "lei":
                    row_of[name] = len(self.firm)
                self.firm.append(kind != "service\n")
        row = row_of.__getitem__ if ids == "lei" else int
        (self._lines if form == "ndjson" else self._cells)(folder, row)

    def _add(self, src, dst, kind, share):
        self.src.append(src)
        self.dst.append(dst)
        owned = kind == "owned_by"
        self.owned.append(owned)
        self.share.append(round(float(share) * 1000) if owned else 0)

    def _cells(self, folder, row):
        with open(f"{folder}/edges.csv", encoding="ascii") as file:
            next(file)
            for line in file:
                src, dst, kind, share = line.split(",")
                self._add(row(src), row(dst), kind, share)

    def _records(self, folder):
        row_of = {}
        with open(f"{folder}/nodes.csv", encoding="utf-8", newline="") as file:
            for record in csv.DictReader(file):
                row_of[record["id"]] = len(self.firm)
                self.firm.append(record["kind"] != "service")
        with open(f"{folder}/edges.csv", encoding="utf-8", newline="") as file:
            for record in csv.DictReader(file):
                self._add(row_of[record["src"]], row_of[record["dst"]], record["kind"], record["share"])

    def _lines(self, folder, row):
        with open(f"{folder}/edges.ndjson", encoding="ascii") as file:
            for line in file:
                record = json.loads(line)
                self._add(row(record["src"]), row(record["dst"]), record["kind"], record["share"])


class Peer:
    """Questions that are asked alike everywhere: a ban is `reach(row)`, which gives users and parents."""

    plain = False  # can it load as manuals do it, with csv.DictReader?
    edges = None
    holdings = None

    def ban(self, row):
        return self.reach(row)

    def sweep(self, *rows):
        users = parents = most = 0
        for row in rows:
            reached, exposed = self.reach(row)
            users += reached
            parents += exposed
            most = max(most, exposed)
        return users, parents, most

    def cascade(self, *blocked):
        """Firms in which the restricted hold half or more, whose stakes then count whole: a worklist in Python."""
        if self.holdings is None:  # made once, and not counted: the first time is not measured
            self.holdings = {}
            for src, dst, share in zip(self.edges.src, self.edges.dst, self.edges.share):
                if share:
                    self.holdings.setdefault(dst, []).append((src, share))
        holdings, held = self.holdings, {}
        restricted, work = set(blocked), list(blocked)
        while work:
            for owned, share in holdings.get(work.pop(), ()):
                if owned not in restricted:
                    total = held.get(owned, 0) + share
                    held[owned] = total
                    if total >= 500:
                        restricted.add(owned)
                        work.append(owned)
        return (len(restricted),)
