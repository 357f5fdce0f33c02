'use strict';
// One name for all of it; every part adds what the others may use.
const report = { data: { runs: [], evidence: [] }, parts: [] };

// What is large is in the page once, deflated and in base64.
report.unpack = async (id) => {
  const place = document.getElementById(id);
  const letters = atob(place.textContent);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  place.remove();
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(plain).text());
};

// Elements. Texts become text nodes, so that no name can become markup.
report.element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
report.svg = (tag, attributes = {}, ...children) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

// Numbers.
report.number = (x, digits = 3) => {
  if (x === null || x === undefined) return '';
  if (x !== 0 && Math.abs(x) < 0.5 * 10 ** -digits) return x.toExponential(1);
  return x.toFixed(digits);
};
report.bracket = (low, high, digits) => {
  const end = (x) => (x === null || x === undefined ? 'open' : report.number(x, digits));
  return `[${end(low)} ${end(high)}]`;
};

// Messages by their source, in words.
report.messages = (source) => (source === 'glyphs' ? source : `${source} messages`);

// What a reader has chosen survives a reload. Some browsers keep nothing for files, which is no harm.
report.kept = {
  get(name) {
    try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
  },
  set(name, value) {
    try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* not kept */ }
  },
};

// A form of selects, each of whose choices depend on those before it. A field is { name, label, options(chosen) }, options are
// [value, text]; a field with at most one option is not shown. `changed` gets all values. Returns what makes choices.
report.choices = (form, fields, changed) => {
  const selects = new Map();
  const chosen = report.kept.get(form.id) ?? {};
  form.addEventListener('submit', (event) => event.preventDefault());
  for (const field of fields) {
    const select = report.element('select', { name: field.name, id: `${form.id}-${field.name}` });
    select.addEventListener('change', () => { chosen[field.name] = select.value; update(); });
    const label = report.element('label', {}, field.label, select);
    form.append(label);
    selects.set(field.name, { field, select, label });
  }
  const update = () => {
    const values = {};
    for (const { field, select, label } of selects.values()) {
      const options = field.options(values);
      const texts = options.map(([value]) => String(value));
      const wanted = texts.includes(String(chosen[field.name]))
        ? String(chosen[field.name])
        : String((field.usual ? field.usual(options, values, chosen[field.name]) : options[0]?.[0]) ?? '');
      select.replaceChildren(...options.map(([value, text]) => {
        const option = report.element('option', { value: String(value) }, text);
        option.selected = String(value) === wanted;
        return option;
      }));
      label.hidden = options.length < 2;
      values[field.name] = wanted;
    }
    report.kept.set(form.id, chosen);
    changed(values);
  };
  form.hidden = false;
  update();
  return (values) => { Object.assign(chosen, values); update(); };
};
// The address of a place of the explorer, by the values of its choices.
report.place = (values) => `#explorer?${new URLSearchParams(values)}`;
// The option nearest to a number.
report.nearest = (options, number) =>
  options.map(([value]) => value).sort((a, b) => Math.abs(a - number) - Math.abs(b - number))[0];

// Light and dark.
{
  const select = document.getElementById('theme');
  const show = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  select.value = report.kept.get('theme') ?? '';
  show(select.value);
  select.addEventListener('change', () => { show(select.value); report.kept.set('theme', select.value); });
}

// A link to something folded unfolds it. What is not there yet is gone to when it is.
report.goTo = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1).split('?')[0]));
  if (!target) return false;
  const folds = target.matches('.claim') ? target.querySelectorAll('details.fold') : [];
  for (const fold of folds) fold.open = true;
  for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  target.scrollIntoView();
  return true;
};
addEventListener('hashchange', report.goTo);
report.found = report.goTo();
