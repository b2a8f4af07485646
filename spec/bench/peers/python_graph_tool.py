"""graph-tool: reachability is label_out_component, paths follow the predecessors of shortest_distance."""

import graph_tool
import numpy
from common import Edges, Peer, serve
from graph_tool.topology import label_out_component, shortest_distance

FAR = 2147483647  # what was not reached


class GraphTool(Peer):
    graph = None

    def load(self, form, folder, ids):
        self.edges = edges = Edges(form, folder, ids)
        self.graph = graph_tool.Graph(directed=True)
        self.graph.add_vertex(edges.count)
        self.graph.add_edge_list(numpy.column_stack((numpy.array(edges.src), numpy.array(edges.dst))))
        self.parent = numpy.frombuffer(bytes(edges.parent), dtype=numpy.uint8)
        return (self.graph.num_vertices(),)

    def reach(self, row):
        reached = label_out_component(self.graph, self.graph.vertex(row)).a
        return int(reached.sum()) - 1, int(self.parent[reached == 1].sum()) - int(self.parent[row])

    def paths(self, row):
        distance, _ = shortest_distance(self.graph, source=self.graph.vertex(row), pred_map=True)
        found = distance.a[(distance.a < FAR) & (self.parent == 1)]
        return len(found) - int(self.parent[row]), int(found.sum())

    def witness(self, row):
        distance, before = shortest_distance(self.graph, source=self.graph.vertex(row), pred_map=True)
        parents = numpy.flatnonzero((distance.a < FAR) & (self.parent == 1)).tolist()
        before = before.a.tolist()
        paths = steps = 0
        for end in parents:
            if end != row:
                path = [end]
                while end != row:
                    end = before[end]
                    path.append(end)
                path.reverse()
                paths += 1
                steps += len(path) - 1
        return paths, steps

    to_be_had = paths


if graph_tool.openmp_enabled():
    graph_tool.openmp_set_num_threads(1)
serve("graph-tool", graph_tool.__version__.split()[0], GraphTool())
