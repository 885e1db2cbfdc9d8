// `singleshot serve` as a program: node examples/serve.mjs MODEL PICTURE starts it, asks it about a picture, and stops
import { readFile } from "node:fs/promises";
import { startServer } from "@singleshot/server";

const [model, picture] = process.argv.slice(2);
const server = await startServer({ model, port: 0 });
console.log(server.facts.engine, server.facts.reason);
const answer = await fetch(`${server.url}detect?score=0.1&file=${picture}`, { method: "POST", body: await readFile(picture) });
const { images } = await answer.json();
for (const { label, score, box } of images[0].detections) console.log(label, score, box);
await server.stop();
