// A memory: fields, energy and reads by the harness's rules. sign(0) keeps the unit's state.
report.network = {
  // Base64 of f32, little endian.
  floats(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  },

  // W, b and U of a stored memory.
  of(memory, n) {
    return { n, w: this.floats(memory.w), b: memory.b ? this.floats(memory.b) : null, u: memory.u ? this.floats(memory.u) : null };
  },

  // What does not change while a query is read: U p + b.
  drive({ n, b, u }, query) {
    return Float64Array.from({ length: n }, (_, i) => {
      let sum = b ? b[i] : 0;
      if (u) for (let j = 0; j < n; j++) sum += u[i * n + j] * query[j];
      return sum;
    });
  },

  field({ n, w }, drive, x, i) {
    let sum = drive[i];
    for (let j = 0; j < n; j++) sum += w[i * n + j] * x[j];
    return sum;
  },

  // -1/2 x'Wx - b'x; the input coupling has no energy.
  energy({ n, w, b }, x) {
    let energy = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += w[i * n + j] * x[j];
      energy -= x[i] * (0.5 * sum + (b ? b[i] : 0));
    }
    return energy;
  },

  next(network, drive, x) {
    return Int8Array.from(x, (s, i) => {
      const h = this.field(network, drive, x, i);
      return h > 0 ? 1 : h < 0 ? -1 : s;
    });
  },

  isFixed(network, x) {
    const drive = this.drive(network, x);
    return this.next(network, drive, x).every((s, i) => s === x[i]);
  },

  // All states of a read. `random` gives numbers in [0, 1); it orders the units of asynchronous reads, whose states are told
  // after every unit that changed. `end` is fixed, cycle, unsettled, or stopped where the reader has steps of its own.
  read(network, query, dynamics, random, maxSteps) {
    if (dynamics === 'soft') return this.readSoftly(network, query);
    if (dynamics === 'async') return this.readInTurn(network, query, random, maxSteps);
    return this.readAtOnce(network, query, maxSteps, dynamics === 'held' ? 0.3 : 0);
  },

  // The length of a row of W without its diagonal.
  length({ n, w }, i) {
    let squares = 0;
    for (let j = 0; j < n; j++) if (j !== i) squares += w[i * n + j] ** 2;
    return Math.sqrt(squares);
  },

  // Graded states: s <- (s + tanh(beta (W s + U p + b + lambda p)))/2 with rows of length 1 and no diagonal, by the reader's
  // defaults. States are told by their signs, with their grades beside.
  readSoftly(network, query, { beta = 3, lambda = 0.1, steps = 60 } = {}) {
    const { n, w } = network;
    const drive = this.drive(network, query);
    const scale = Array.from({ length: n }, (_, i) => 1 / (this.length(network, i) || Infinity));
    let s = Float64Array.from(query);
    const told = (step, before) => ({ step, grades: s, state: Int8Array.from(s, (x, i) => (x === 0 ? before[i] : Math.sign(x))) });
    const states = [told(0, query)];
    let last = 0;
    for (let step = 1; step <= steps; step++) {
      s = s.map((x, i) => {
        let h = drive[i];
        for (let j = 0; j < n; j++) if (j !== i) h += w[i * n + j] * s[j];
        return 0.5 * x + 0.5 * Math.tanh(beta * (h * scale[i] + lambda * query[i]));
      });
      states.push(told(step, query));
      if (states.at(-1).state.some((x, i) => x !== states.at(-2).state[i])) last = step;
    }
    // Grades go on moving after the last change of a sign: a few steps of that are enough to see.
    return { states: states.slice(0, last + 4), end: 'stopped', steps: last, period: 1 };
  },

  readAtOnce(network, query, maxSteps, held) {
    const drive = this.drive(network, query);
    if (held) query.forEach((x, i) => { drive[i] += held * this.length(network, i) * x; });
    const states = [{ state: Int8Array.from(query), step: 0 }];
    const seen = new Map([[query.join(), 0]]);
    for (let step = 1; step <= maxSteps; step++) {
      const state = this.next(network, drive, states.at(-1).state);
      const before = seen.get(state.join());
      if (before === step - 1) return { states, end: 'fixed', steps: step - 1, period: 1 };
      states.push({ state, step });
      if (before !== undefined) return { states, end: 'cycle', steps: before, period: step - before };
      seen.set(state.join(), step);
    }
    return { states, end: 'unsettled', steps: maxSteps, period: 0 };
  },

  readInTurn(network, query, random, maxSteps) {
    const drive = this.drive(network, query);
    const states = [{ state: Int8Array.from(query), step: 0 }];
    const x = Int8Array.from(query);
    for (let step = 1; step <= maxSteps; step++) {
      let changed = false;
      for (const i of this.shuffled(network.n, random)) {
        const h = this.field(network, drive, x, i);
        const s = h > 0 ? 1 : h < 0 ? -1 : x[i];
        if (s !== x[i]) {
          x[i] = s;
          changed = true;
          states.push({ state: Int8Array.from(x), step });
        }
      }
      if (!changed) return { states, end: 'fixed', steps: step - 1, period: 1 };
    }
    return { states, end: 'unsettled', steps: maxSteps, period: 0 };
  },

  shuffled(count, random) {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  },

  // Numbers in [0, 1) from a seed (mulberry32), so that a read can be repeated.
  random(seed) {
    let a = seed >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  },
};
