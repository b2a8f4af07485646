"""networkx: reachability is networkx.descendants. Parallel edges fall together, which changes no answer here."""

import networkx
from common import Edges, Peer, serve


class Networkx(Peer):
    plain = True
    graph = None

    def load(self, form, folder, ids):
        self.edges = edges = Edges(form, folder, ids)
        self.graph = networkx.DiGraph()
        self.graph.add_nodes_from(range(edges.count))
        self.graph.add_edges_from(zip(edges.src, edges.dst))
        self.parent = bytes(edges.parent)
        return (len(self.graph),)

    def reach(self, row):
        reached = networkx.descendants(self.graph, row)
        return len(reached), sum(map(self.parent.__getitem__, reached))

    def paths(self, row):
        lengths = networkx.single_source_shortest_path_length(self.graph, row)
        steps = [length for end, length in lengths.items() if self.parent[end] and end != row]
        return len(steps), sum(steps)

    def witness(self, row):
        parent = self.parent
        paths = networkx.single_source_shortest_path(self.graph, row)
        steps = [len(path) - 1 for end, path in paths.items() if parent[end] and end != row]
        return len(steps), sum(steps)

    to_be_had = witness  # paths come as lists only


serve("networkx", networkx.__version__, Networkx())
