// node thumbnail_worker.cjs WAY FILE COUNT OUTPUT: does the same as thumbnail_worker.py with sharp; WAY is sharp or
// sharp-webp.
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const sharp = createRequire(path.join(process.env.SHARP_FOLDER, "x.js"))("sharp");
sharp.cache(false);
sharp.concurrency(1); // one thread, as Pillow

const [way, file, count, output] = process.argv.slice(2);
const content = fs.readFileSync(file);
const make = () => {
  const image = sharp(content, { limitInputPixels: false })
    .rotate()
    .resize(512, 512, { fit: "inside", withoutEnlargement: true });
  return (way === "sharp-webp" ? image.webp({ quality: 80 }) : image.jpeg({ quality: 80 })).toBuffer();
};

(async () => {
  let made = await make();
  const seconds = [];
  for (let i = 0; i < Number(count); i++) {
    const started = process.cpuUsage();
    made = await make();
    const used = process.cpuUsage(started); // of all threads
    seconds.push((used.user + used.system) / 1e6);
  }
  const status = fs.readFileSync("/proc/self/status", "utf8");
  const peak = Number(status.match(/VmHWM:\s+(\d+)/)[1]) * 1024;
  fs.writeFileSync(output, made);
  seconds.sort((a, b) => a - b);
  console.log(JSON.stringify({ seconds: seconds[Math.floor(seconds.length / 2)], peak }));
})();
