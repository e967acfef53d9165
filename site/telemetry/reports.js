// Reads the reports that the pipeline writes to the bucket.

async function json(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (answer.status === 404 || answer.status === 403) return null;
  if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
  return answer.json();
}

/** Return the days that have reports, newest first. */
export async function days() {
  return (await json("reports/index.json"))?.days ?? [];
}

/** Return all reports of a day, with their rows as objects. */
export async function ofDay(day) {
  const names = ["hours", "devices", "quality"];
  const found = await Promise.all(names.map((name) => json(`reports/${name}/day=${day}/report.json`)));
  const rows = found.map((report) =>
    (report?.rows ?? []).map((row) =>
      Object.fromEntries(row.map((value, place) => [report.columns[place], value])),
    ),
  );
  return {
    hours: rows[0],
    devices: rows[1],
    quality: rows[2],
    columns: found[0]?.columns ?? [],
    asOf: found[0]?.asOf ?? "",
  };
}
