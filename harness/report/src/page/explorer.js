// The explorer: any measure of any run against load, noise or N.
report.parts.push(() => {
  const { runs } = report.data;
  const form = document.getElementById('explorer-choices');
  const AXES = { load: 'load M/N', noise: 'noise d/N (share of bits flipped)', n: 'units N' };
  const unique = (values) => [...new Set(values)];
  const rising = (values) => unique(values).sort((a, b) => a - b);

  // Points of a series by what runs along x.
  const of = (run, values) => run.explorer.series.filter((s) => run.explorer.measures[s.q].name === values.measure);
  const matching = (values) => of(runs[values.run], values).filter((s) =>
    (!values.source || s.s === values.source) && (!values.dynamics || !s.y || s.y === values.dynamics));
  const loads = (list) => rising(list.flatMap((s) => s.m.map((m) => +(m / s.n).toFixed(2))));
  const noises = (list) => rising(list.flatMap((s) => (s.d === undefined ? [] : [+(s.d / s.n).toFixed(2)])));

  const fields = [
    { name: 'run', label: 'Run', options: () => runs.flatMap((run, i) => (run.explorer.series.length ? [[i, run.name]] : [])),
      usual: (options) => options.toSorted((a, b) => runs[b[0]].explorer.series.length - runs[a[0]].explorer.series.length)[0]?.[0] },
    { name: 'measure', label: 'Quantity', options: (v) => runs[v.run].explorer.measures.map((m) => [m.name, m.label]),
      usual: (options) => options.find(([name]) => name === 'recovered')?.[0] ?? options[0]?.[0] },
    { name: 'source', label: 'Messages', options: (v) => unique(of(runs[v.run], v).map((s) => s.s)).map((s) => [s, s]) },
    { name: 'dynamics', label: 'Read', options: (v) => unique(matching(v).flatMap((s) => s.y ?? [])).map((y) => [y, y === 'sync' ? 'all units at once' : 'one unit after another']) },
    { name: 'x', label: 'Against', options: (v) => {
      const list = matching(v);
      const counts = { load: loads(list).length, noise: noises(list).length, n: unique(list.map((s) => s.n)).length };
      const found = Object.keys(AXES).filter((axis) => counts[axis] > 1);
      return (found.length ? found : ['load']).map((axis) => [axis, AXES[axis]]);
    } },
    { name: 'n', label: 'N', options: (v) => (v.x === 'n' ? [] : rising(matching(v).map((s) => s.n)).map((n) => [n, String(n)])),
      usual: (options, v) => {
        const protocols = (n) => unique(matching(v).filter((s) => s.n === n).map((s) => s.p)).length;
        return options.toSorted((a, b) => protocols(b[0]) - protocols(a[0]) || b[0] - a[0])[0]?.[0];
      } },
    { name: 'noise', label: 'Noise d/N', options: (v) => (v.x === 'noise' ? [] : noises(matching(v).filter((s) => !v.n || s.n === +v.n)).map((d) => [d, String(d)])),
      usual: (options) => report.nearest(options, 0.1) },
    { name: 'load', label: 'Load M/N', options: (v) => (v.x === 'load' ? [] : loads(matching(v).filter((s) => !v.n || s.n === +v.n)).map((l) => [l, String(l)])),
      usual: (options) => report.nearest(options, 0.5) },
  ];

  // The curve of every protocol under the chosen conditions.
  const curves = (v) => {
    const run = runs[v.run];
    const list = matching(v).filter((s) =>
      (!v.n || s.n === +v.n) && (!v.noise || s.d === undefined || +(s.d / s.n).toFixed(2) === +v.noise));
    const found = new Map();
    for (const s of list) {
      const { scale } = run.explorer.measures[s.q];
      const value = (x) => (x === null ? null : x / scale);
      s.m.forEach((m, i) => {
        if (v.load && +(m / s.n).toFixed(2) !== +v.load) return;
        const x = { load: m / s.n, noise: s.d / s.n, n: s.n }[v.x];
        const point = { s, m, x, v: value(s.v[i]), l: value(s.l[i]), h: value(s.h[i]), trials: s.t[i], failed: s.f?.[i] ?? 0, status: s.w?.[i] ?? 'ok' };
        if (!found.has(s.p)) found.set(s.p, []);
        found.get(s.p).push(point);
      });
    }
    return [...found].sort((a, b) => a[0] - b[0]).map(([p, points]) => ({
      ...run.explorer.protocols[p], points: points.sort((a, b) => a.x - b.x),
    }));
  };

  const swatch = (one) => report.svg('svg', { viewBox: '0 0 38 16', 'aria-hidden': 'true', class: 'series', style: `--c: ${one.colour}` },
    report.svg('path', { class: 'line', d: 'M2 8H36', 'stroke-dasharray': one.dash.replaceAll(/\d+/g, (n) => n / 2) }), report.mark(one.marker, 19, 8, 4));

  let hiddenLabels = new Set(report.kept.get('explorer-hidden') ?? []);
  let last = null;

  const boxes = (all) => {
    const fieldset = document.getElementById('explorer-protocols');
    const legend = fieldset.querySelector('legend');
    fieldset.replaceChildren(legend, ...all.map((one) => {
      const box = report.element('input', { type: 'checkbox', value: one.label });
      box.checked = !hiddenLabels.has(one.label);
      box.addEventListener('change', () => {
        if (box.checked) hiddenLabels.delete(one.label); else hiddenLabels.add(one.label);
        report.kept.set('explorer-hidden', [...hiddenLabels]);
        plot(last);
      });
      return report.element('label', {}, box, swatch(one), one.label);
    }));
    fieldset.hidden = false;
  };

  const domain = (numbers, log) => {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    if (log) return [low / 1.5, high * 1.5];
    return low === high ? [low - 0.5, high + 0.5] : [Math.min(low, 0), high];
  };

  const plot = (v) => {
    const run = runs[v.run];
    const all = curves(v);
    const shown = all.filter((one) => !hiddenLabels.has(one.label));
    const measure = run.explorer.measures.find((m) => m.name === v.measure);
    const xs = shown.flatMap((one) => one.points.map((p) => p.x));
    const ys = shown.flatMap((one) => one.points.flatMap((p) => [p.v, p.l, p.h])).filter((y) => y !== null && (measure.range || y > 0));
    const place = document.getElementById('explorer-plot');
    const conditions = [v.source && report.messages(v.source), v.n && `N = ${v.n}`, v.dynamics && `${v.dynamics} reads`,
      v.noise && `noise ${v.noise}`, v.load && `load ${v.load}`].filter(Boolean).join(', ');
    // Means compare only over what all of them were measured at.
    const at = shown.map((one) => new Map(one.points.filter((p) => p.v !== null).map((p) => [p.x, p.v])));
    const shared = [...(at[0]?.keys() ?? [])].filter((x) => at.every((values) => values.has(x)));
    const best = shared.length && shown.map((one, i) => [one.label, shared.reduce((sum, x) => sum + at[i].get(x), 0) / shared.length])
      .sort((a, b) => b[1] - a[1])[0];
    const title = `${measure.label} against ${AXES[v.x]}: ${conditions}`;
    document.getElementById('explorer-caption').textContent =
      `${run.name}: ${title}.${best ? ` Over the ${shared.length} points that all of them have, ${best[0]} has the largest mean (${report.number(best[1])}).` : ''}`;
    if (xs.length && ys.length) {
      const log = !measure.range;
      report.chart(place, {
        title, series: shown, level: measure.range?.[0] === 0 ? 0.5 : undefined,
        x: { label: AXES[v.x], domain: domain(xs, v.x === 'n'), log: v.x === 'n' },
        y: { label: measure.label, domain: measure.range ? [Math.min(measure.range[0] === 0 ? 0 : Math.min(0, ...ys)), measure.range[1]] : domain(ys, log), log },
      });
    } else {
      place.replaceChildren(report.element('p', {}, 'There is nothing to plot: choose a protocol.'));
    }
    numbers(v, shown, measure);
  };

  const numbers = (v, shown, measure) => {
    const digits = measure.range ? 3 : 5;
    const rows = rising(shown.flatMap((one) => one.points.map((p) => p.x))).map((x) => [
      String(+x.toPrecision(4)),
      ...shown.map((one) => {
        const p = one.points.find((point) => point.x === x);
        if (!p) return '–';
        if (p.v === null) return `${p.failed} failed (${p.status})`;
        const href = report.place({ ...v, run: runs[v.run].name, protocol: one.label, at: String(+x.toPrecision(4)) });
        return report.element('span', {}, report.element('a', { href }, report.number(p.v, digits)),
          ` ${report.bracket(p.l, p.h, digits)}${p.failed ? `, ${p.failed} failed` : ''}`);
      }),
    ]);
    document.getElementById('explorer-numbers').replaceChildren(report.table('Numbers of the plot', [AXES[v.x].split(' (')[0], ...shown.map((one) => one.label)], rows, () => true));
    document.getElementById('explorer-fold').hidden = false;
  };
  const values = (shown) => [['protocol', 'source', 'n', 'm', 'read', 'flips', 'value', 'low', 'high', 'trials', 'failed'],
    ...shown.flatMap((one) => one.points.map((p) => [one.label, p.s.s, p.s.n, p.m, p.s.y ?? '', p.s.d ?? '', p.v, p.l, p.h, p.trials, p.failed]))];

  // The command that prints the row of a point, and the row.
  const shell = (text) => (/^[\w.,/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const command = (run, measure, label, { s, m }) => {
    const [reader, kind] = (s.y ?? '').split(', ');
    const reads = s.y ? ` --dynamics ${shell(reader)} --flips ${shell(kind ? `${kind} ${s.d}` : String(s.d))}` : '';
    return `${run.show} --measure ${measure} --protocol ${shell(label)} --source ${shell(s.s)} --n ${s.n} --m ${m}${reads} --csv`;
  };
  const behind = (v, label, x) => {
    const run = runs[v.run];
    const measure = run.explorer.measures.find((m) => m.name === v.measure);
    const found = curves(v).find((one) => one.label === label)?.points.find((p) => String(+p.x.toPrecision(4)) === x);
    const place = document.getElementById('explorer-row');
    place.hidden = !found;
    if (!found) return;
    const { s, m } = found;
    const facts = [['run', run.name], ['protocol', label], ['messages', `${m} ${report.messages(s.s)}, N = ${s.n}, load ${report.number(m / s.n)}`],
      ...(s.y ? [['read', `${s.y}, ${s.d} units of a query`]] : []),
      [measure.label, found.v === null ? 'none' : `${report.number(found.v, 5)} ${report.bracket(found.l, found.h, 5)}`],
      ['message sets', `${found.trials}${found.failed ? `, ${found.failed} failed (${found.status})` : ''}`]];
    place.replaceChildren(report.element('h3', {}, 'Behind this number'),
      report.element('dl', {}, ...facts.map(([key, value]) => report.element('div', {}, report.element('dt', {}, key), report.element('dd', {}, value)))),
      report.element('p', { class: 'origin' }, 'Printed by ', report.element('code', {}, command(run, v.measure, label, found))));
    place.scrollIntoView({ block: 'nearest' });
  };

  if (form && runs.some((run) => run.explorer.series.length)) {
    document.getElementById('explorer-figure').hidden = false;
    const choose = report.choices(form, fields, (values) => {
      last = values;
      boxes(curves(values));
      plot(values);
      document.getElementById('explorer-row').hidden = true;
    });
    report.exports(document.querySelector('#explorer .exports'), {
      svg: () => document.querySelector('#explorer-plot svg'),
      csv: () => report.csv(values(curves(last).filter((one) => !hiddenLabels.has(one.label)))),
    });
    // A number elsewhere on the page leads here.
    const follow = () => {
      if (!location.hash.startsWith('#explorer?')) return;
      const { run, protocol, at, ...wanted } = Object.fromEntries(new URLSearchParams(location.hash.slice(10)));
      const i = runs.findIndex((one) => one.name === run);
      if (i < 0) return;
      choose({ run: String(i), ...wanted });
      if (protocol) {
        document.getElementById('explorer-fold').open = true;
        behind(last, protocol, at);
      }
    };
    addEventListener('hashchange', follow);
    follow();
    for (const run of runs.filter((run) => run.explorer.left_out)) {
      form.after(report.element('p', { class: 'notice' }, `${run.name} has ${run.explorer.left_out} estimates, too many for a page; harness show ${run.name} --csv prints them.`));
    }
  }
});
