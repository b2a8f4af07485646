"""scipy: a sparse matrix and scipy.sparse.csgraph.breadth_first_order."""

import numpy
import scipy
from common import Edges, Peer, serve
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order


class Scipy(Peer):
    matrix = edited = None

    def load(self, form, folder, ids):
        self.edges = edges = Edges(form, folder, ids)
        self.src, self.dst = numpy.array(edges.src, dtype=numpy.int32), numpy.array(edges.dst, dtype=numpy.int32)
        self.matrix = self.matrix_of(self.src, self.dst)
        self.parent = numpy.frombuffer(bytes(edges.parent), dtype=numpy.uint8)
        return (edges.count,)

    def matrix_of(self, src, dst):
        return csr_matrix((numpy.ones(len(src)), (src, dst)), shape=(self.edges.count, self.edges.count))

    def reach(self, row, matrix=None):
        matrix = self.matrix if matrix is None else matrix
        reached = breadth_first_order(matrix, row, directed=True, return_predecessors=False)
        return len(reached) - 1, int(self.parent[reached].sum()) - int(self.parent[row])

    def paths(self, row):
        order, before = breadth_first_order(self.matrix, row, directed=True, return_predecessors=True)
        place = numpy.empty(self.edges.count, dtype=numpy.int64)
        place[order] = numpy.arange(len(order))
        above = place[before[order[1:]]]  # where the one before stands: never decreasing
        paths = steps = depth = 0
        start, end = 0, 1
        while end < len(order):
            start, end, depth = end, int(numpy.searchsorted(above, end)) + 1, depth + 1
            found = int(self.parent[order[start:end]].sum())
            paths += found
            steps += depth * found
        return paths, steps

    def witness(self, row):
        order, before = breadth_first_order(self.matrix, row, directed=True, return_predecessors=True)
        parents = order[self.parent[order] == 1].tolist()
        before = before.tolist()
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

    def edit(self, *numbers):
        kept = numpy.ones(len(self.src), dtype=bool)
        kept[numpy.array(numbers) - 1] = False
        self.edited = self.matrix_of(self.src[kept], self.dst[kept])
        return ()

    def masked(self, row):
        return self.reach(row, self.edited)


serve("scipy", scipy.__version__, Scipy())
