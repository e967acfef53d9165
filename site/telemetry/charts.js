// Two charts over the hours of a day.

const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 24;
const TOP = 10;
const HOURS = 24;
const NAMESPACE = "http://www.w3.org/2000/svg";

function draw(svg, name, attributes, text = "") {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  svg.append(element);
  return element;
}

const hourOf = (row) => new Date(row.hour).getUTCHours();

/** Clear the chart and draw its axes. Return the functions that map a value and an hour to pixels. */
function frame(svg, min, max) {
  svg.replaceChildren();
  const width = svg.clientWidth; // the displayed width, so that text is not scaled
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  const across = (hour) => LEFT + (hour * (width - LEFT)) / HOURS;
  const range = max - min || 1;
  const up = (value) => HEIGHT - BOTTOM - ((value - min) / range) * (HEIGHT - BOTTOM - TOP);
  for (let step = 0; step <= 4; step += 1) {
    const value = min + (range * step) / 4;
    draw(svg, "line", { class: "axis", x1: LEFT, x2: width, y1: up(value), y2: up(value) });
    const shown = range > 20 ? Math.round(value) : value.toFixed(1);
    draw(svg, "text", { x: LEFT - 6, y: up(value) + 4, "text-anchor": "end" }, String(shown));
  }
  for (let hour = 0; hour < HOURS; hour += 3) {
    draw(svg, "text", { x: across(hour), y: HEIGHT - 6 }, `${String(hour).padStart(2, "0")}:00`);
  }
  return { up, across };
}

/** Draw the readings per hour, with late ones stacked on top. */
export function rates(svg, hours) {
  const { up, across } = frame(svg, 0, Math.max(4, ...hours.map((row) => row.readings)));
  const width = 0.8 * (across(1) - across(0));
  for (const row of hours) {
    const x = across(hourOf(row) + 0.1);
    const inTime = up(row.readings - row.late);
    const bar = draw(svg, "rect", { class: "bar", x, width, y: inTime, height: up(0) - inTime });
    draw(bar, "title", {}, `${row.readings} readings of ${row.devices} devices, ${row.late} late`);
    const top = up(row.readings);
    draw(svg, "rect", { class: "late", x, width, y: top, height: inTime - top });
  }
}

/** Draw the percentiles of a measure. */
export function percentiles(svg, hours, measure) {
  const known = hours.filter((row) => row[`${measure}_p50`] !== null);
  const kinds = ["p50", "p95", "p99"];
  const values = known.flatMap((row) => kinds.map((kind) => row[`${measure}_${kind}`]));
  const { up, across } = frame(svg, Math.min(...values, Infinity), Math.max(...values, -Infinity));
  for (const kind of kinds) {
    const points = known.map(
      (row) => `${across(hourOf(row) + 0.5)},${up(row[`${measure}_${kind}`])}`,
    );
    draw(svg, "polyline", { class: kind, points: points.join(" ") });
  }
}
