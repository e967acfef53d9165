// node edge_function.cjs < {code, table, event, count}: prints [seconds per call, reads of the store per call].
const vm = require('vm');
const {code, table, event, count} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
let reads = 0;
const store = {
  get: async (key) => {
    reads += 1;
    if (!Object.hasOwn(table, key)) throw new Error('KeyNotFound');
    return table[key];
  },
};
const context = vm.createContext({cf: {kvs: () => store}});
const body = code.replace("import cf from 'cloudfront';", '');
const handler = new vm.Script(body + '; handler').runInContext(context);
const text = JSON.stringify(event);
// The function changes its request, so each call gets a new one.
const events = () => Array.from({length: count}, () => JSON.parse(text));

(async () => {
  for (const each of events()) await handler(each);
  const fresh = events();
  reads = 0;
  const started = process.hrtime.bigint();
  for (const each of fresh) await handler(each);
  const nanoseconds = Number(process.hrtime.bigint() - started);
  console.log(JSON.stringify([nanoseconds / count / 1e9, reads / count]));
})();
