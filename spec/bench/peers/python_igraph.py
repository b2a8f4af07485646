"""python-igraph: reachability is Graph.subcomponent, paths are found by Graph.bfs and written out by
Graph.get_shortest_paths."""

import igraph
from common import Edges, Peer, serve


class Igraph(Peer):
    plain = True
    graph = edited = None

    def load(self, form, folder, ids):
        self.edges = edges = Edges(form, folder, ids)
        self.graph = igraph.Graph(n=edges.count, edges=zip(edges.src, edges.dst), directed=True)
        self.graph.es["owned"] = edges.owned
        self.graph.es["share"] = edges.share
        self.parent = bytes(edges.parent)
        return (self.graph.vcount(),)

    def reach(self, row, graph=None):
        reached = (graph or self.graph).subcomponent(row, mode="out")
        return len(reached) - 1, sum(map(self.parent.__getitem__, reached)) - self.parent[row]

    def paths(self, row):
        order, starts, _ = self.graph.bfs(row, mode="out")
        paths = steps = 0
        for depth in range(1, len(starts) - 1):
            found = sum(map(self.parent.__getitem__, order[starts[depth] : starts[depth + 1]]))
            paths += found
            steps += depth * found
        return paths, steps

    def witness(self, row):
        parent = self.parent
        parents = [one for one in self.graph.subcomponent(row, mode="out") if parent[one] and one != row]
        paths = self.graph.get_shortest_paths(row, to=parents, mode="out", output="vpath")
        return len(paths), sum(map(len, paths)) - len(paths)

    to_be_had = witness  # paths come as lists only

    def edit(self, *numbers):
        edited = self.graph.copy()
        edited.delete_edges([number - 1 for number in numbers])
        self.edited = edited
        return ()

    def masked(self, row):
        return self.reach(row, self.edited)


serve("python-igraph", igraph.__version__, Igraph())
