// Rankings of all tasks; those shown at first are already in the page.
report.parts.push(() => {
  const { runs } = report.data;
  const form = document.getElementById('ranking-choices');
  const places = new Map([...document.querySelectorAll('.board')].map((board) => [board.dataset.kind, board]));

  // A number with its interval on one scale for all rows.
  const bar = (entry, most) => {
    const at = (x) => 4 + 136 * Math.min(1, x / most);
    const [low, high] = [entry.low ?? 0, entry.high ?? most];
    const frame = report.svg('svg', { viewBox: '0 0 144 20', 'aria-hidden': 'true' });
    frame.append(report.svg('path', { class: 'rule', d: 'M4 10H140' }));
    if (entry.beyond !== 'below') frame.append(report.svg('path', { class: 'whisker', d: `M${at(low)} 10H${at(high)}M${at(low)} 6v8M${at(high)} 6v8` }));
    if (entry.value !== null) frame.append(report.svg('circle', { class: 'dot', cx: at(entry.value), cy: 10, r: 4 }));
    return frame;
  };
  const row = (entry, most, href) => report.element('tr', {},
    report.element('td', { class: 'number' }, String(entry.rank)),
    report.element('th', { scope: 'row' }, entry.protocol),
    report.element('td', { class: 'number' }, report.element('a', { href }, entry.beyond ? `${entry.beyond} the grid` : report.number(entry.value))),
    report.element('td', { class: 'number' }, entry.beyond && entry.low === null && entry.high === null ? '' : report.bracket(entry.low, entry.high)),
    report.element('td', { class: 'bar' }, bar(entry, most)),
    report.element('td', { class: 'number' }, String(entry.trials)));

  // All bars as one chart; it is on the page only while it is exported.
  const bars = (board, most, title) => {
    const frame = report.svg('svg', { viewBox: `0 0 420 ${24 * board.entries.length + 30}`, class: 'plain passing' }, report.svg('text', { x: 6, y: 16 }, title));
    board.entries.forEach((entry, i) => {
      const line = bar(entry, most);
      const group = report.svg('g', { transform: `translate(230 ${24 * i + 26})` }, ...line.childNodes);
      frame.append(group, report.svg('text', { x: 220, y: 24 * i + 40, 'text-anchor': 'end' }, entry.protocol));
    });
    document.querySelector('.passing')?.remove();
    document.body.append(frame);
    return frame;
  };

  const show = (kind, run, board) => {
    const place = places.get(kind);
    if (!place) return;
    place.hidden = !board;
    if (!board) return;
    const share = report.number(board.at / board.n);
    const task = kind === 'load50' ? `d = ${board.at} bits flipped (noise ${share})` : `M = ${board.at} messages (load ${share})`;
    place.querySelector('.condition').textContent =
      `${run.name}: ${report.messages(board.source)}, N = ${board.n}, ${board.dynamics}, ${task}`;
    const most = Math.max(...board.entries.flatMap((e) => [e.value ?? 0, e.high ?? 0, e.low ?? 0])) * 1.05 || 1;
    const body = place.querySelector('tbody');
    // The curve whose crossing of one half it is, or the nearest that the explorer draws.
    const near = String(+(board.at / board.n).toFixed(2));
    const curve = { run: run.name, measure: 'recovered', source: board.source, dynamics: board.dynamics, n: board.n };
    const href = report.place(kind === 'load50' ? { ...curve, x: 'load', noise: near } : { ...curve, x: 'noise', load: near });
    body.replaceChildren(...board.entries.map((entry) => row(entry, most, href)));
    report.labelled(place.querySelector('table'));
    report.exports(place.querySelector('.exports'), {
      svg: () => bars(board, most, place.querySelector('.condition').textContent),
      csv: () => report.csv([['rank', 'protocol', kind, 'low', 'high', 'beyond', 'trials'],
        ...board.entries.map((e) => [e.rank, e.protocol, e.value, e.low, e.high, e.beyond, e.trials])]),
    });
    for (const head of place.querySelectorAll('[aria-sort]')) head.removeAttribute('aria-sort');
  };

  if (form) {
    const boards = ({ run }) => runs[run]?.boards ?? [];
    const here = (values) => boards(values).filter((b) => `${b.source} ${b.n}` === values.task && b.dynamics === values.dynamics);
    const unique = (list) => [...new Map(list.map((option) => [String(option[0]), option])).values()];
    const { name, source, n, dynamics } = [...places.values()][0]?.querySelector('.condition').dataset ?? {};
    const at = (kind) => (values) => unique(here(values).filter((b) => b.kind === kind)
      .map((b) => [b.at, `${report.number(b.at / b.n)} (${kind === 'load50' ? 'd' : 'M'} = ${b.at})`]))
      .sort((a, b) => a[0] - b[0]);
    const size = (values) => Number(values.task.split(' ')[1]);
    report.choices(form, [
      { name: 'run', label: 'Run',
        options: () => runs.flatMap((run, i) => (run.boards.length ? [[i, run.name]] : [])),
        usual: (options) => options.find(([, text]) => text === name)?.[0] ?? options[0]?.[0] },
      { name: 'task', label: 'Messages and N',
        options: (values) => unique(boards(values).map((b) => [`${b.source} ${b.n}`, `${b.source}, N = ${b.n}`])),
        usual: (options) => options.find(([value]) => value === `${source} ${n}`)?.[0] ?? options[0]?.[0] },
      { name: 'dynamics', label: 'Read',
        options: (values) => unique(boards(values).filter((b) => `${b.source} ${b.n}` === values.task).map((b) => [b.dynamics, b.dynamics])),
        usual: (options) => options.find(([value]) => value === dynamics)?.[0] ?? options[0]?.[0] },
      { name: 'noise', label: 'load50 at noise', options: at('load50'), usual: (o, values) => report.nearest(o, 0.1 * size(values)) },
      { name: 'load', label: 'Noise radius at load', options: at('noise50'), usual: (o, values) => report.nearest(o, 0.5 * size(values)) },
    ], (values) => {
      const find = (kind, at) => here(values).find((b) => b.kind === kind && String(b.at) === at);
      show('load50', runs[values.run], find('load50', values.noise));
      show('noise50', runs[values.run], find('noise50', values.load));
    });
  }
});
