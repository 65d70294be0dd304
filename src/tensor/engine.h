/* Inside the engine: storage, strings, devices, dispatch, debug mode and profile. */
#ifndef ENGINE_H
#define ENGINE_H
#include "base/alloc.h"
#include "tensor/hooks.h"
#include "tensor/op.h"

/* ---- storage, tensor.c ---- */

Storage *storage_new(uint32_t bytes);   /* data allocated; NULL with the error set */
Storage *storage_empty(uint32_t bytes); /* for the device: no data yet */
Storage *storage_retain(Storage *s);
void storage_release(Storage *s);
/* The innermost scope, and the innermost that JavaScript has opened; NULL if there is none. */
Scope *scope_now(void);
Scope *scope_of_js(void);
/* Brings data into memory; false with the error set. */
bool storage_to_memory(Storage *s);
/* Allocates x's storage if it has none. */
bool tensor_allocate(Tensor *x);
Tensor *tensor_retain(Tensor *x);
void tensor_release(Tensor *x);
/* x with a handle again, in the open scope, if only a tape still held it. */
Tensor *tensor_revive(Tensor *x);
/* A new tensor on x's storage, not recorded. */
Tensor *tensor_alias(Tensor *x);

/* ---- strings.c ---- */

/* The id of an element that was never given a string. */
enum { NO_STRING = -1 };
/* Count the strings of these ids up and down. */
void strings_retain(const int *ids, int n);
void strings_release(const int *ids, int n);
/* Drops the strings made since the last sweep that nothing holds. */
void strings_sweep(void);
/* x's ids are in place: its storage holds their strings from now on. */
void tensor_hold_strings(Tensor *x);

/* ---- device.c ---- */

/* What a device beside the CPU does. Textures are its own; the engine moves and counts. */
typedef struct Device {
    const char *name;
    bool (*run)(Call *c);                     /* false without error: declined, the CPU runs */
    bool (*download)(Storage *s, void *data); /* texture -> data */
    void (*drop)(Storage *s);                 /* releases s->texture */
    void (*settle)(Storage *s);               /* computes what is left to be computed of it */
    void (*trim)(void);                       /* gives back what it keeps for reuse */
} Device;
/* NULL while the CPU is chosen. */
const Device *device(void);
void device_choose(const Device *d);
/* Device that owns textures, even while the CPU is chosen. */
const Device *device_owner(void);

/* ---- dispatch.c ---- */

/* What run() does but for the tape: out[] get their data. False with the error set. */
bool call_compute(Call *c);

/* ---- debug.c ---- */

/* What is under way: "layer", "node" or "gradient", and its name; NULL: the caller's own calls. */
typedef struct Place {
    const char *kind, *name;
} Place;
/* From now on this is; gives what was, to be put back. The name must live until then. */
Place place(const char *kind, const char *name);
Place place_now(void);
void place_back(Place before);
bool watching(void);
/* Tells JavaScript of a NaN or an infinity in a result that no input has. */
void watch_call(const Call *c);

/* ---- profile.c ---- */

enum { PROFILE_SHAPES = 8 };

typedef struct ProfileShape {
    int rank, sizes[TN_MAX_RANK];
} ProfileShape;

/* One row a call, kept while tf.profile runs; js/api/profile.ts reads it. */
typedef struct ProfileRow {
    double ms, all_bytes; /* all_: in use after the call */
    const char *op;
    const char *why; /* it was left to the CPU while a device was chosen, else NULL */
    int on_device;
    int bytes, all_tensors; /* bytes: of the results */
    int nin, nout;          /* shapes there are: of inputs, then of results */
    ProfileShape shapes[PROFILE_SHAPES];
} ProfileRow;

EXPORT bool tn_profile_begin(void);
EXPORT const ProfileRow *tn_profile_rows(void);
EXPORT int tn_profile_count(void);
EXPORT void tn_profile_end(void);

void profile_call(const Call *c, bool on_device, double ms);
bool profiling(void);
double now_ms(void);
#endif
