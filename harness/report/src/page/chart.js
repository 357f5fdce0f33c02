// Curves with interval bands, as plain SVG of the width that there is.
{
  const LEFT = 58, RIGHT = 14, TOP = 12, BOTTOM = 46;

  // Round numbers between two ends, whole ones where the axis counts something.
  const ticks = (low, high, count, whole) => {
    const rough = Math.max((high - low) / count, whole ? 1 : 0);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough * 0.999);
    const found = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(i * step);
    return found;
  };
  const decades = (low, high) => {
    const found = [];
    for (let e = Math.floor(Math.log10(low)); 10 ** e <= high * 1.001; e++) {
      if (10 ** e >= low * 0.999) found.push(10 ** e);
    }
    return found.length > 1 ? found : [low, high];
  };
  const short = (x) => (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5) ? x.toExponential(0) : String(+x.toPrecision(3)));

  // An axis from values to pixels.
  const axis = ({ domain: [low, high], log }, from, to) => {
    const flat = (x) => (log ? Math.log10(x) : x);
    const [a, b] = [flat(low), flat(high)];
    return (x) => from + ((flat(x) - a) / (b - a || 1)) * (to - from);
  };

  const corner = (r, angle) => [r * Math.sin(angle), -r * Math.cos(angle)];
  const star = (tips, out, hollow) =>
    [...Array(2 * tips).keys()].map((i) => corner(i % 2 ? hollow : out, (i * Math.PI) / tips));
  const cross = (turn) => [0, 1, 2, 3].flatMap((arm) => {
    const middle = turn + (arm * Math.PI) / 2;
    return [corner(1.35, middle - 0.31), corner(1.35, middle + 0.31), corner(0.6, middle + Math.PI / 4)];
  });
  const SHAPES = {
    square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    triangle: [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]],
    'down-triangle': [[0, 1.2], [1.1, -0.8], [-1.1, -0.8]],
    diamond: [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
    pentagon: [0, 1, 2, 3, 4].map((i) => [1.2 * Math.sin(i * 1.2566), -1.2 * Math.cos(i * 1.2566)]),
    'left-triangle': [[-1.2, 0], [0.8, 1.1], [0.8, -1.1]],
    'right-triangle': [[1.2, 0], [-0.8, 1.1], [-0.8, -1.1]],
    hexagon: star(3, 1.15, 1.15),
    octagon: star(4, 1.1, 1.1),
    star: star(5, 1.4, 0.55),
    'four-star': star(4, 1.4, 0.6),
    'six-star': star(6, 1.4, 0.75),
    plus: cross(0),
    saltire: cross(Math.PI / 4),
    hourglass: [[-1, -1.1], [1, -1.1], [0.3, 0], [1, 1.1], [-1, 1.1], [-0.3, 0]],
    'bow-tie': [[-1.1, -1], [-1.1, 1], [0, 0.3], [1.1, 1], [1.1, -1], [0, -0.3]],
    bar: [[-1.3, -0.6], [1.3, -0.6], [1.3, 0.6], [-1.3, 0.6]],
    pillar: [[-0.6, -1.3], [0.6, -1.3], [0.6, 1.3], [-0.6, 1.3]],
  };
  report.mark = (shape, x, y, r) => {
    const points = SHAPES[shape];
    if (!points) return report.svg('circle', { class: 'mark', cx: x, cy: y, r });
    return report.svg('polygon', { class: 'mark', points: points.map(([a, b]) => `${x + r * a},${y + r * b}`).join(' ') });
  };

  // Parts of a curve without gaps.
  const runs = (points) => {
    const found = [[]];
    for (const point of points) {
      if (point.v === null || point.v === undefined) found.push([]);
      else found.at(-1).push(point);
    }
    return found.filter((run) => run.length > 0);
  };

  const curve = (one, x, y, foot, radius) => {
    const group = report.svg('g', { class: 'series', style: `--c: ${one.colour}`, 'data-label': one.label });
    for (const run of runs(one.points)) {
      const banded = run.filter((p) => p.l !== null && p.l !== undefined && p.h !== null && p.h !== undefined);
      if (banded.length > 1) {
        const ends = [...banded.map((p) => [p.x, p.h]), ...banded.toReversed().map((p) => [p.x, p.l])];
        group.append(report.svg('polygon', { class: 'band', points: ends.map(([a, b]) => `${x(a)},${y(b)}`).join(' ') }));
      }
      const points = run.map((p) => `${x(p.x).toFixed(1)},${y(p.v).toFixed(1)}`).join(' ');
      group.append(report.svg('polyline', { class: 'line', points, 'stroke-dasharray': one.dash.replaceAll(/\d+/g, (n) => n / 2) }));
      for (const p of run) {
        const mark = report.mark(one.marker, x(p.x), y(p.v), radius);
        mark.append(report.svg('title', {}, `${one.label}: ${report.number(p.v)} ${report.bracket(p.l, p.h)} at ${short(p.x)}`));
        group.append(mark);
      }
    }
    for (const p of one.points.filter((p) => p.failed && (p.v === null || p.v === undefined))) {
      const [a, b] = [x(p.x), foot - 6];
      const cross = report.svg('path', { class: 'fail', d: `M${a - 4} ${b - 4}l8 8m0 -8l-8 8` });
      cross.append(report.svg('title', {}, `${one.label}: ${p.failed} trials failed (${p.status}) at ${short(p.x)}`));
      group.append(cross);
    }
    return group;
  };

  // Draws into `place`: { title, x: { label, domain, log, whole }, y: likewise, series, level, height }.
  const draw = (place, plot) => {
    const width = Math.max(280, Math.floor(place.clientWidth || 700));
    const height = plot.height ?? Math.round(Math.min(430, Math.max(260, width * 0.55)));
    const [right, foot] = [width - RIGHT, height - BOTTOM];
    const [x, y] = [axis(plot.x, LEFT, right), axis(plot.y, foot, TOP)];
    const frame = report.svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': plot.title });
    const of = (scale, count) => (scale.log ? decades(...scale.domain) : ticks(...scale.domain, count, scale.whole));
    for (const t of of(plot.x, Math.max(3, width / 90))) {
      frame.append(report.svg('path', { class: 'grid', d: `M${x(t)} ${TOP}V${foot}` }));
      frame.append(report.svg('text', { x: x(t), y: foot + 17, 'text-anchor': 'middle' }, short(t)));
    }
    for (const t of of(plot.y, 5)) {
      frame.append(report.svg('path', { class: 'grid', d: `M${LEFT} ${y(t)}H${right}` }));
      frame.append(report.svg('text', { x: LEFT - 7, y: y(t) + 4, 'text-anchor': 'end' }, short(t)));
    }
    frame.append(report.svg('path', { class: 'axis', d: `M${LEFT} ${TOP}V${foot}H${right}` }));
    if (plot.level !== undefined) frame.append(report.svg('path', { class: 'half', d: `M${LEFT} ${y(plot.level)}H${right}` }));
    const middle = (TOP + foot) / 2;
    frame.append(report.svg('text', { x: (LEFT + right) / 2, y: height - 8, 'text-anchor': 'middle' }, plot.x.label));
    frame.append(report.svg('text', { x: 13, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 13 ${middle})` }, plot.y.label));
    for (const one of plot.series) frame.append(curve(one, x, y, foot, plot.radius ?? 3.4));
    place.replaceChildren(frame);
  };

  const drawn = new Map();
  const resized = new ResizeObserver((entries) => {
    for (const { target } of entries) if (drawn.has(target)) draw(target, drawn.get(target));
  });
  report.chart = (place, plot) => {
    const known = drawn.has(place);
    drawn.set(place, plot);
    draw(place, plot);
    if (!known) resized.observe(place);
  };
}
