"""Another program at work in a folder that is being moved: adds files, rewrites some in place, replaces some by rename.

Its own process, `python move_meddler.py FOLDER WORKSHOP SEED`: holds on each line of input, says so with the list of
what it wrote since the last (JSON: name to SHA-256, names as `os.fsdecode` gives them), goes on at the next line.
"""

import hashlib
import json
import os
import random
import select
import sys
import time

BETWEEN = 0.004  # seconds


class Meddler:
    def __init__(self, folder: str, workshop: str, seed: int) -> None:
        self.folder, self.workshop, self.dice = folder, workshop, random.Random(seed)
        self.names = [
            os.path.relpath(os.path.join(place, name), folder) for place, _, names in os.walk(folder) for name in names
        ]
        self.written: dict[str, str] = {}
        self.count = 0

    def act(self) -> None:
        self.count += 1
        content = self.dice.randbytes(self.dice.choice((0, 100, 4000, 4000, 4000, 60_000)))
        self.dice.choice((self.add, self.rewrite, self.rewrite, self.replace, self.replace))(content)

    def add(self, content: bytes) -> None:
        name = f"folder {self.count % 7}/added\n{self.count}"
        os.makedirs(os.path.join(self.folder, os.path.dirname(name)), exist_ok=True)
        with open(os.path.join(self.folder, name), "xb") as file:
            file.write(content)
        self.names.append(name)
        self.note(name, content)

    def rewrite(self, content: bytes) -> None:
        """In place, of the same size, now and then with the time it had."""
        name = self.dice.choice(self.names)
        path = os.path.join(self.folder, name)
        try:
            with open(path, "r+b") as file:
                before = os.fstat(file.fileno())
                content = (content * (before.st_size // max(1, len(content)) + 1))[: before.st_size]
                if not content:
                    return
                file.write(content)
        except FileNotFoundError:  # moved already
            return
        self.note(name, content)
        if self.dice.random() < 0.3:
            try:
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            except FileNotFoundError:
                return

    def replace(self, content: bytes) -> None:
        """By rename, whether it has been moved or not."""
        name = self.dice.choice(self.names)
        new = os.path.join(self.workshop, "new")
        with open(new, "wb") as file:
            file.write(content)
        os.replace(new, os.path.join(self.folder, name))
        self.note(name, content)

    def note(self, name: str, content: bytes) -> None:
        self.written[name] = hashlib.sha256(content).hexdigest()


def main(folder: str, workshop: str, seed: str) -> None:
    meddler = Meddler(folder, workshop, int(seed))
    print("ready", flush=True)
    while True:
        time.sleep(meddler.dice.uniform(0, 2 * BETWEEN))
        if select.select([sys.stdin], [], [], 0)[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps(meddler.written), flush=True)
            meddler.written.clear()
            if not sys.stdin.readline():
                return
            print("on", flush=True)
        meddler.act()


if __name__ == "__main__":
    main(*sys.argv[1:])
