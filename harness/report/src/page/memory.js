// The memory at work: choose, flip, play.
report.memory = () => {
  const { stage } = report.data;
  const root = document.getElementById('memory-stage');

  const signs = (text) => Int8Array.from(text, (c) => (c === '1' ? 1 : -1));
  const apart = (a, b) => a.reduce((count, s, i) => count + (s !== b[i] ? 1 : 0), 0);

  // A state as a bitmap; pixels that differ from `stored` stand out.
  const bitmap = (state, stored, label, grades) => {
    const side = Math.sqrt(state.length);
    const frame = report.svg('svg', { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' });
    state.forEach((s, i) => {
      const look = (stored && s !== stored[i] ? 'wrong-' : '') + (s > 0 ? 'on' : 'off');
      const shade = grades ? { 'fill-opacity': (0.25 + 0.75 * Math.abs(grades[i])).toFixed(2) } : {};
      frame.append(report.svg('rect', { class: look, x: i % side, y: Math.floor(i / side), width: 1, height: 1, ...shade }));
    });
    return frame;
  };

  const begin = () => {
    const at = (id) => document.getElementById(`memory-${id}`);
    const now = { message: 0, seed: 1, position: 0, timer: 0 };
    let values = {}, scene, memory, network, stored, query, read, energies;

    const named = (i) => (scene.characters[i] ? `message ${i + 1}, ${scene.characters[i]}` : `message ${i + 1}`);

    const verdict = () => {
      const end = read.states.at(-1).state;
      const steps = `${read.steps} ${values.dynamics === 'async' ? 'sweep' : 'step'}${read.steps === 1 ? '' : 's'}`;
      if (read.end === 'cycle') return `The read ends in a cycle of ${read.period} states.`;
      if (read.end === 'unsettled') return `The read has not settled after ${steps}.`;
      const same = scene.messages.findIndex((text) => apart(signs(text), end) === 0);
      if (same === now.message) return `Settled at its message after ${steps}: recovered.`;
      if (same >= 0) return `Settled after ${steps} at another stored message (${named(same)}).`;
      return `Settled after ${steps} at a state that is no stored message, ${apart(end, stored)} bits from its own.`;
    };

    const show = () => {
      const { state, step, grades } = read.states[now.position];
      const wrong = apart(state, stored);
      const done = now.position === read.states.length - 1;
      at('state').replaceChildren(bitmap(state, stored, `state: ${wrong} of ${scene.n} bits differ from the stored message`, grades));
      at('position').max = read.states.length - 1;
      at('position').value = now.position;
      at('words').textContent = `${values.dynamics === 'async' ? 'Sweep' : 'Step'} ${step}: ${wrong} of ${scene.n} bits wrong, energy ${report.number(energies[now.position], 2)}. ${done ? verdict() : ''}`;
      at('words').dataset.end = done ? read.end : '';
      at('words').dataset.wrong = wrong;
      const level = report.network.energy(network, stored);
      const [low, high] = [Math.min(level, ...energies), Math.max(level, ...energies)];
      const pad = 0.06 * (high - low || 1);
      report.chart(at('energy'), {
        title: `Energy of the state, from ${report.number(energies[0], 2)} to ${report.number(energies.at(-1), 2)}`,
        height: 230, level, radius: 3,
        x: { label: values.dynamics === 'async' ? 'unit that changed' : 'step', domain: [0, Math.max(1, read.states.length - 1)], whole: true },
        y: { label: 'energy', domain: [low - pad, high + pad] },
        series: [{ label: 'energy', colour: '#0072b2', dash: '', marker: 'circle',
          points: energies.slice(0, now.position + 1).map((v, x) => ({ x, v })) }],
      });
    };

    const stop = () => {
      clearInterval(now.timer);
      now.timer = 0;
      at('play').textContent = 'Play';
    };

    const begun = () => {
      stop();
      now.position = 0;
      stored = signs(scene.messages[now.message]);
      const random = report.network.random(now.seed);
      query = Int8Array.from(stored);
      for (const i of report.network.shuffled(scene.n, random).slice(0, Number(values.flips))) query[i] = -query[i];
      read = report.network.read(network, query, values.dynamics, random, scene.max_steps);
      energies = read.states.map(({ state }) => report.network.energy(network, state));
      at('stored').replaceChildren(bitmap(stored, null, `stored ${named(now.message)}`));
      at('query').replaceChildren(bitmap(query, stored, `query: ${apart(query, stored)} bits flipped`));
      show();
    };

    const advance = () => {
      if (now.position < read.states.length - 1) now.position += 1;
      if (now.position === read.states.length - 1) stop();
      show();
    };

    const messages = () => {
      const group = root.querySelector('.glyphs');
      group.replaceChildren(...scene.messages.map((text, i) => {
        const fixed = memory.fixed[i] === '1';
        const label = `${named(i)}${fixed ? '' : ', not a fixed point'}`;
        const button = report.element('button', { type: 'button', 'aria-pressed': String(i === now.message), 'aria-label': label, title: label });
        if (!fixed) button.className = 'lost';
        const picture = bitmap(signs(text), null, '');
        picture.removeAttribute('role');
        picture.removeAttribute('aria-label');
        picture.setAttribute('aria-hidden', 'true');
        button.append(picture);
        button.addEventListener('click', () => {
          now.message = i;
          group.querySelectorAll('button').forEach((other, j) => other.setAttribute('aria-pressed', String(j === i)));
          begun();
        });
        return button;
      }));
    };

    const able = (i) => stage.scenes[i].memories.filter((m) => !m.error);
    root.hidden = false;
    report.choices(at('choices'), [
      { name: 'scene', label: 'Message set', options: () => stage.scenes.map((s, i) => [i, `${s.m} ${s.source === 'random' ? 'random messages' : s.source}, N = ${s.n}, load ${report.number(s.m / s.n, 2)}`]) },
      { name: 'protocol', label: 'Written by', options: (v) => able(v.scene).map((m) => [m.protocol, m.protocol]),
        usual: (options, _, before) => options.find(([p]) => p === (before ?? 'TRN'))?.[0] ?? options.at(-1)?.[0] },
      { name: 'dynamics', label: 'Read', options: () => [['sync', 'all units at once'], ['async', 'one unit after another'], ['held', 'at once, query held'], ['soft', 'softly, query held']] },
      { name: 'flips', label: 'Bits flipped', usual: (options, v) => Math.round(0.1 * stage.scenes[v.scene].n),
        options: (v) => Array.from({ length: Math.floor(stage.scenes[v.scene].n / 2) + 1 }, (_, d) => [d, `${d} (noise ${report.number(d / stage.scenes[v.scene].n, 2)})`]) },
    ], (chosen) => {
      values = chosen;
      scene = stage.scenes[values.scene];
      memory = scene.memories.find((m) => m.protocol === values.protocol && !m.error);
      if (!memory) return;
      now.message = Math.min(now.message, scene.m - 1);
      network = report.network.of(memory, scene.n);
      messages();
      begun();
    });

    at('play').addEventListener('click', () => {
      if (now.timer) return stop();
      if (now.position === read.states.length - 1) now.position = 0;
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
        now.position = read.states.length - 1;
        return show();
      }
      at('play').textContent = 'Pause';
      now.timer = setInterval(advance, values.dynamics === 'sync' || values.dynamics === 'held' ? 500 : 140);
    });
    at('step').addEventListener('click', () => { stop(); advance(); });
    at('restart').addEventListener('click', begun);
    at('noise').addEventListener('click', () => { now.seed += 1; begun(); });
    at('position').addEventListener('input', (event) => { stop(); now.position = Number(event.target.value); show(); });
    report.exports(root.querySelector('.exports'), {
      svg: () => at('energy').querySelector('svg'),
      csv: () => report.csv([['state', 'energy'], ...energies.map((e, i) => [i, e])]),
    });
    report.playing = () => now.timer !== 0;
  };

  if (stage && root) begin();
};
