// DuckDB: reachability is a recursive query; the cascade is iterated statements, since a recursive query cannot
// aggregate. Protocol: see knockon.lua. CPU time is that of all its threads.
//
// The package @duckdb/node-api is looked for in the folder BENCH_NODE.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.env.BENCH_NODE}/package.json`));
const duckdb = require("@duckdb/node-api");
const limit = Number(process.env.BENCH_LIMIT || 0);
let connection;

async function rows(sql) {
  return (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(Number));
}

async function run(...statements) {
  for (const sql of statements) await connection.run(sql);
}

const values = (list) => list.map((row) => `(${row})`).join(",");

const reach = `FROM reached JOIN node USING (id)`;

const questions = {
  async load(form, folder, ids) {
    const instance = await duckdb.DuckDBInstance.create(":memory:");
    connection = await instance.connect();
    const edges = form === "csv"
      ? `read_csv('${folder}/edges.csv', header = true)`
      : `read_json('${folder}/edges.ndjson', format = 'newline_delimited')`;
    await run(`CREATE TABLE listed AS SELECT row_number() OVER () - 1 AS id, id AS name, kind
                 FROM read_csv('${folder}/nodes.csv', header = true)`);
    await run(ids === "lei"
      ? `CREATE TABLE edge AS SELECT s.id::INTEGER AS src, d.id::INTEGER AS dst, e.kind = 'owned_by' AS owned,
           round(share * 1000)::INTEGER AS share
           FROM ${edges} e JOIN listed s ON s.name = e.src JOIN listed d ON d.name = e.dst`
      : `CREATE TABLE edge AS SELECT src::INTEGER AS src, dst::INTEGER AS dst, kind = 'owned_by' AS owned,
           round(share * 1000)::INTEGER AS share FROM ${edges}`);
    await run(`CREATE TABLE node AS SELECT id::INTEGER AS id, (kind <> 'service' AND id NOT IN
                 (SELECT src FROM edge WHERE owned AND share >= 500))::INTEGER AS parent FROM listed`,
      `CREATE TABLE holding AS SELECT src AS owned, dst AS holder, share FROM edge WHERE owned`, "DROP TABLE listed");
    return (await rows("SELECT count(*) FROM node"))[0];
  },

  async ban(row) {
    return (await rows(`WITH RECURSIVE reached(id) AS (SELECT ${row} UNION
        SELECT dst FROM reached JOIN edge ON src = id)
      SELECT count(*), coalesce(sum(parent), 0) ${reach} WHERE id <> ${row}`))[0];
  },

  async sweep(...suppliers) {
    return (await rows(`WITH RECURSIVE reached(seed, id) AS (SELECT v, v FROM (VALUES ${values(suppliers)}) AS t(v)
        UNION SELECT seed, dst FROM reached JOIN edge ON src = id),
      counted AS (SELECT seed, count(*) AS users, coalesce(sum(parent), 0) AS parents ${reach} WHERE id <> seed
        GROUP BY seed)
      SELECT coalesce(sum(users), 0), coalesce(sum(parents), 0), coalesce(max(parents), 0) FROM counted`))[0];
  },

  async cascade(...blocked) {
    await run("CREATE OR REPLACE TEMP TABLE restricted(id INTEGER)",
      `INSERT INTO restricted VALUES ${values(blocked)}`);
    for (;;) {
      const [[added]] = await rows(`INSERT INTO restricted SELECT owned FROM holding JOIN restricted ON holder = id
        WHERE owned NOT IN (SELECT id FROM restricted) GROUP BY owned HAVING sum(share) >= 500`);
      if (!added) return (await rows("SELECT count(*) FROM restricted"))[0];
    }
  },
};

function seconds() {
  const used = process.cpuUsage();
  return (used.user + used.system) / 1e6;
}

async function answer(line) {
  const [times, question, ...given] = line.split(" ");
  if (!questions[question] || given[0] === "plain") return "skip no such function";
  const timer = limit && setTimeout(() => process.exit(1), limit * 1000);
  try {
    const start = seconds();
    let numbers;
    for (let i = 0; i < Number(times); i++) numbers = await questions[question](...given);
    return `ok ${((seconds() - start) / Number(times)).toFixed(9)} ${numbers.join(" ")}`;
  } catch (failure) {
    return `error ${String(failure.message).replace(/\s+/g, " ")}`;
  } finally {
    clearTimeout(timer);
  }
}

console.log(`ready ${process.pid} DuckDB ${duckdb.version()}`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "quit") break;
  console.log(await answer(line));
}
process.exit(0);
