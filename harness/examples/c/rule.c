/* The outer product as a program in C: cc -O2 -o rule rule.c. The files are those of FORMAT.md, "The job folder". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) { perror(what); return 1; }

/* One job: messages in, weights out. */
static int job(const char *folder)
{
    char path[4096], header[256];
    unsigned char start[10];
    size_t trials, m, n;
    snprintf(path, sizeof path, "%s/messages.npy", folder);
    FILE *in = fopen(path, "rb");
    if (!in || fread(start, 1, 10, in) != 10) return fail(path);
    size_t length = start[8] + 256u * start[9];
    if (length >= sizeof header || fread(header, 1, length, in) != length) return fail("header");
    header[length] = 0;
    if (sscanf(strstr(header, "'shape':"), "'shape': (%zu, %zu, %zu)", &trials, &m, &n) != 3) return fail("shape");

    snprintf(path, sizeof path, "%s/weights.npy", folder);
    FILE *out = fopen(path, "wb");
    if (!out) return fail(path);
    int used = snprintf(header, sizeof header,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu, %zu), }", trials, n, n);
    size_t padded = (10 + (size_t)used + 1 + 63) / 64 * 64 - 10;
    fwrite("\x93NUMPY\x01\x00", 1, 8, out);
    fputc((int)(padded & 255), out);
    fputc((int)(padded >> 8), out);
    fprintf(out, "%-*s\n", (int)padded - 1, header);

    signed char *xi = malloc(m * n);
    float *w = malloc(n * n * sizeof *w);
    if (!xi || !w) return fail("memory");
    for (size_t t = 0; t < trials; t++) {
        if (fread(xi, 1, m * n, in) != m * n) return fail("messages");
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                int sum = 0;
                for (size_t k = 0; i != j && k < m; k++) sum += xi[k * n + i] * xi[k * n + j];
                w[i * n + j] = (float)sum;
            }
        fwrite(w, sizeof *w, n * n, out);
    }
    free(xi);
    free(w);
    fclose(in);
    if (fclose(out)) return fail(path);

    char part[4096];
    snprintf(part, sizeof part, "%s/result.part", folder);
    snprintf(path, sizeof path, "%s/result.json", folder);
    FILE *result = fopen(part, "w");
    if (!result) return fail(part);
    fputs("{\"schema\": 1}", result);
    return fclose(result) || rename(part, path) ? fail(path) : 0;
}

int main(int count, char **words)
{
    const char *token = getenv("HARNESS_TOKEN");
    char folder[2048];
    if (count > 1 && !strcmp(words[1], "version")) return puts("rule.c 1") < 0;
    while (fgets(folder, sizeof folder, stdin)) {
        folder[strcspn(folder, "\n")] = 0;
        if (job(folder)) return 1;
        printf("%s %s\n", token ? token : "done", folder);
        fflush(stdout);
    }
    return 0;
}
