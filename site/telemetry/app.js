// The page: shows the reports for the selected day and measure, and refreshes automatically.

import { percentiles, rates } from "./charts.js";
import { days, ofDay } from "./reports.js";

const REFRESH = 5000;
const $ = (id) => document.getElementById(id);
let reports = null;
let shownDay = "";

function fill(select, values) {
  const chosen = select.value;
  select.replaceChildren(...values.map((value) => new Option(value)));
  if (values.includes(chosen)) select.value = chosen;
}

function cells(kind, values) {
  const row = document.createElement("tr");
  for (const value of values) {
    const cell = document.createElement(kind);
    cell.textContent = value;
    row.append(cell);
  }
  return row;
}

const total = (rows, column) => rows.reduce((sum, row) => sum + row[column], 0);
const rounded = (value) => (value === null ? "–" : value.toFixed(2));

function showTotals() {
  const { devices, quality } = reports;
  const readings = total(devices, "readings");
  const numbers = {
    Devices: devices.length,
    Readings: readings,
    Late: total(devices, "late"),
    "Delivered twice": total(quality, "copies") - total(quality, "readings"),
    "Schema versions": quality.map((row) => row.schema_version).join(", "),
  };
  $("totals").replaceChildren(
    ...Object.entries(numbers).map(([name, number]) => {
      const item = document.createElement("div");
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = name;
      value.textContent = typeof number === "number" ? number.toLocaleString("en") : number;
      item.append(term, value);
      return item;
    }),
  );
}

function showDevices(measure) {
  const head = ["Device", "Readings", "Late", "Last (UTC)", "Minimum", "Average", "Maximum"];
  const rows = reports.devices.map((row) =>
    cells("td", [
      row.device_id,
      row.readings.toLocaleString("en"),
      row.late,
      new Date(row.last_at).toISOString().slice(11, 19),
      ...["min", "avg", "max"].map((kind) => rounded(row[`${measure}_${kind}`])),
    ]),
  );
  $("devices").replaceChildren(cells("th", head), ...rows);
}

function show() {
  const measure = $("measures").value;
  showTotals();
  rates($("rates"), reports.hours);
  $("percentiles-title").textContent = `Percentiles of ${measure} by hour`;
  percentiles($("percentiles"), reports.hours, measure);
  showDevices(measure);
}

async function refresh() {
  try {
    const known = await days();
    fill($("days"), known);
    const day = $("days").value;
    if (!day) {
      $("state").textContent = "No reports yet. They appear about a minute after the first readings.";
      return;
    }
    const found = await ofDay(day);
    if (day === shownDay && found.asOf === reports?.asOf) return;
    reports = found;
    shownDay = day;
    fill(
      $("measures"),
      found.columns.filter((name) => name.endsWith("_p50")).map((name) => name.slice(0, -4)),
    );
    $("state").textContent = `As of ${found.asOf.slice(0, 19).replace("T", " ")} UTC`;
    $("reports").hidden = false;
    show();
  } catch (error) {
    $("state").textContent = `The reports cannot be read: ${error.message}`;
  }
}

$("days").addEventListener("change", refresh);
$("measures").addEventListener("change", show);
addEventListener("resize", () => reports && show());
await refresh();
setInterval(refresh, REFRESH);
