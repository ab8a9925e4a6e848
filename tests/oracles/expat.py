"""What expat makes of each line of stdin (base64 of a document's bytes): one JSON value a line.

Elements become what src/codec/xml.h says: an object where there are child elements (a list where a name repeats),
otherwise the text. {"accepts": false, "line": L, "column": C, "dtd": ...} where expat refuses.
"""

import base64
import json
import sys
from xml.parsers import expat


class Tree:
    def __init__(self):
        self.open = [({}, [])]
        self.dtd = False

    def start(self, name, attributes):
        self.open.append(({}, []))

    def text(self, data):
        self.open[-1][1].append(data)

    def end(self, name):
        members, text = self.open.pop()
        parent = self.open[-1][0]
        parent.setdefault(name, []).append(members if members else "".join(text))
        if members:
            for child, values in members.items():
                if len(values) == 1:
                    members[child] = values[0]

    def doctype(self, *ignored):
        self.dtd = True


def read(document):
    parser = expat.ParserCreate("UTF-8")
    tree = Tree()
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = tree.doctype
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        return {"accepts": False, "line": error.lineno, "column": error.offset + 1, "dtd": tree.dtd, "why": str(error)}
    root, [value] = next(iter(tree.open[0][0].items()))
    return {"accepts": True, "root": root, "value": value, "dtd": tree.dtd}


for line in sys.stdin:
    print(json.dumps(read(base64.b64decode(line))))
