// Boost: compressed_sparse_row_graph and breadth_first_visit. The cascade is a worklist in plain C++: Boost has none.
// Protocol: see knockon.lua.

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/two_bit_color_map.hpp>
#include <boost/version.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                 boost::no_property, std::uint32_t, std::uint32_t>;
using Edge = std::pair<std::uint32_t, std::uint32_t>;

struct Holding {
  std::uint32_t owned, share; // thousandths
};

struct Data {
  std::uint32_t count = 0;
  std::vector<Edge> edges;
  Graph graph, edited;
  std::vector<char> parent;
  std::vector<std::uint32_t> first_holding; // by holder
  std::vector<Holding> holdings;
};

struct Reached : boost::default_bfs_visitor {
  Reached(const std::vector<char> &parents, std::uint32_t &reached, std::uint32_t &exposed)
      : parent(&parents), count(&reached), parents_count(&exposed) {}
  template <class G> void discover_vertex(std::uint32_t vertex, const G &) {
    ++*count;
    *parents_count += (*parent)[vertex];
  }
  const std::vector<char> *parent;
  std::uint32_t *count, *parents_count;
};

struct Before : boost::default_bfs_visitor {
  Before(std::vector<std::uint32_t> &predecessors, std::vector<std::uint32_t> &found)
      : before(&predecessors), order(&found) {}
  template <class E, class G> void tree_edge(E edge, const G &graph) {
    (*before)[target(edge, graph)] = source(edge, graph);
    order->push_back(target(edge, graph));
  }
  std::vector<std::uint32_t> *before, *order;
};

template <class Visitor> void visit(const Graph &graph, std::uint32_t row, Visitor visitor) {
  auto index = get(boost::vertex_index, graph);
  auto colors = boost::make_two_bit_color_map(num_vertices(graph), index);
  boost::queue<std::uint32_t> queue;
  boost::breadth_first_visit(graph, row, queue, visitor, colors);
}

std::pair<long, long> reach(const Data &data, const Graph &graph, std::uint32_t row) {
  std::uint32_t reached = 0, parents = 0;
  visit(graph, row, Reached(data.parent, reached, parents));
  return {long(reached) - 1, long(parents) - data.parent[row]};
}

// Relations of all paths, from the depth of each that is found.
std::pair<long, long> paths(const Data &data, std::uint32_t row) {
  std::vector<std::uint32_t> before(data.count), depth(data.count), order;
  visit(data.graph, row, Before(before, order));
  long count = 0, steps = 0;
  for (std::uint32_t end : order) {
    depth[end] = depth[before[end]] + 1;
    count += data.parent[end];
    steps += data.parent[end] ? long(depth[end]) : 0;
  }
  return {count, steps};
}

std::pair<long, long> witness(const Data &data, std::uint32_t row) {
  std::vector<std::uint32_t> before(data.count), order, path;
  std::vector<std::vector<std::uint32_t>> paths;
  visit(data.graph, row, Before(before, order));
  long steps = 0;
  for (std::uint32_t end : order) {
    if (!data.parent[end]) continue;
    path.clear();
    for (std::uint32_t at = end; at != row; at = before[at]) path.push_back(at);
    path.push_back(row);
    steps += long(path.size()) - 1;
    paths.emplace_back(path.rbegin(), path.rend());
  }
  return {long(paths.size()), steps};
}

long cascade(const Data &data, const std::vector<std::uint32_t> &blocked) {
  std::vector<std::uint32_t> held(data.count), work(blocked);
  std::vector<char> restricted(data.count);
  for (std::uint32_t row : blocked) restricted[row] = 1;
  long count = long(blocked.size());
  while (!work.empty()) {
    std::uint32_t holder = work.back();
    work.pop_back();
    for (std::uint32_t i = data.first_holding[holder]; i < data.first_holding[holder + 1]; i++) {
      const Holding &holding = data.holdings[i];
      if (restricted[holding.owned]) continue;
      held[holding.owned] += holding.share;
      if (held[holding.owned] < 500) continue;
      restricted[holding.owned] = 1;
      count++;
      work.push_back(holding.owned);
    }
  }
  return count;
}

std::string text_of(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  file.seekg(0, std::ios::end);
  std::string text(std::size_t(file.tellg()), '\0');
  file.seekg(0);
  file.read(&text[0], std::streamsize(text.size()));
  return text;
}

std::uint32_t thousandths(const char *text) { return std::uint32_t(std::strtod(text, nullptr) * 1000 + 0.5); }

void load(Data &data, const std::string &folder, bool lei) {
  data = Data();
  std::unordered_map<std::string, std::uint32_t> row_of;
  std::string text = text_of(folder + "/nodes.csv");
  for (char *at = std::strchr(&text[0], '\n') + 1; *at;) {
    char *comma = std::strchr(at, ','), *end = std::strchr(comma, '\n');
    if (lei) row_of.emplace(std::string(at, comma), data.count);
    data.parent.push_back(std::string(comma + 1, end) != "service");
    data.count++;
    at = end + 1;
  }
  text = text_of(folder + "/edges.csv");
  std::vector<Edge> owned; // holder, index into shares
  std::vector<Holding> shares;
  for (char *at = std::strchr(&text[0], '\n') + 1; *at;) {
    char *first = std::strchr(at, ','), *second = std::strchr(first + 1, ','), *third = std::strchr(second + 1, ',');
    std::uint32_t src, dst;
    if (lei) {
      src = row_of.at(std::string(at, first));
      dst = row_of.at(std::string(first + 1, second));
    } else {
      src = std::uint32_t(std::strtoul(at, nullptr, 10));
      dst = std::uint32_t(std::strtoul(first + 1, nullptr, 10));
    }
    data.edges.emplace_back(src, dst);
    if (second[1] == 'o') {
      owned.emplace_back(dst, std::uint32_t(shares.size()));
      shares.push_back({src, thousandths(third + 1)});
      if (shares.back().share >= 500) data.parent[src] = 0;
    }
    at = std::strchr(third, '\n') + 1;
  }
  data.first_holding.assign(data.count + 1, 0);
  for (const Edge &edge : owned) data.first_holding[edge.first + 1]++;
  for (std::uint32_t i = 0; i < data.count; i++) data.first_holding[i + 1] += data.first_holding[i];
  std::vector<std::uint32_t> next(data.first_holding);
  data.holdings.resize(shares.size());
  for (const Edge &edge : owned) data.holdings[next[edge.first]++] = shares[edge.second];
  data.graph = Graph(boost::edges_are_unsorted_multi_pass, data.edges.begin(), data.edges.end(), data.count);
}

void edit(Data &data, const std::vector<std::uint32_t> &numbers) {
  std::vector<char> gone(data.edges.size());
  for (std::uint32_t number : numbers) gone[number - 1] = 1;
  std::vector<Edge> kept;
  for (std::size_t i = 0; i < data.edges.size(); i++)
    if (!gone[i]) kept.push_back(data.edges[i]);
  data.edited = Graph(boost::edges_are_unsorted_multi_pass, kept.begin(), kept.end(), data.count);
}

double clock_seconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + double(now.tv_nsec) * 1e-9;
}

// The answer, or nothing when it cannot be asked this.
bool ask(Data &data, const std::string &question, const std::vector<std::uint32_t> &rows, std::vector<long> &answer) {
  answer.clear();
  std::pair<long, long> both;
  if (question == "ban") {
    both = reach(data, data.graph, rows.at(0));
    answer = {both.first, both.second};
  } else if (question == "masked") {
    both = reach(data, data.edited, rows.at(0));
    answer = {both.first, both.second};
  } else if (question == "paths" || question == "to_be_had") {
    both = paths(data, rows.at(0));
    answer = {both.first, both.second};
  } else if (question == "witness") {
    both = witness(data, rows.at(0));
    answer = {both.first, both.second};
  } else if (question == "sweep") {
    answer = {0, 0, 0};
    for (std::uint32_t row : rows) {
      both = reach(data, data.graph, row);
      answer[0] += both.first;
      answer[1] += both.second;
      answer[2] = std::max(answer[2], both.second);
    }
  } else if (question == "cascade") {
    answer = {cascade(data, rows)};
  } else if (question == "edit") {
    edit(data, rows);
  } else {
    return false;
  }
  return true;
}

} // namespace

int main() {
  const char *given = std::getenv("BENCH_LIMIT");
  unsigned limit = given ? unsigned(std::atoi(given)) : 0;
  std::cout << "ready " << getpid() << " Boost " << BOOST_VERSION / 100000 << "." << BOOST_VERSION / 100 % 1000
            << std::endl;
  Data data;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    std::istringstream words(line);
    int times = 1;
    std::string question;
    words >> times >> question;
    std::vector<long> answer;
    alarm(limit); // whatever takes longer ends the process
    try {
      double start;
      bool asked = true;
      if (question == "load") {
        std::string form, folder, ids;
        words >> form >> folder >> ids;
        asked = form == "csv";
        start = clock_seconds();
        if (asked) {
          load(data, folder, ids == "lei");
          answer = {long(data.count)};
        }
      } else {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row; words >> row;) rows.push_back(row);
        start = clock_seconds();
        for (int i = 0; i < times && asked; i++) asked = ask(data, question, rows, answer);
      }
      double spent = (clock_seconds() - start) / times;
      if (asked) {
        std::printf("ok %.9f", spent);
        for (long number : answer) std::printf(" %ld", number);
      } else {
        std::printf("skip no such function");
      }
    } catch (const std::exception &failure) {
      std::printf("error %s", failure.what());
    }
    alarm(0);
    std::printf("\n");
    std::fflush(stdout);
  }
}
