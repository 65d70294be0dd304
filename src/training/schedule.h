/* Learning rates that change with the steps taken: a block each, like an optimizer. */
#ifndef TN_SCHEDULE_H
#define TN_SCHEDULE_H
#include "nn/core/layer.h"

typedef struct ScheduleClass {
    const Schema *schema;
    double (*at)(const void *config, double step); /* the rate after so many steps */
    void (*check)(const void *config); /* what the fields by themselves cannot say; or absent */
} ScheduleClass;

#define SCHEDULE(id, Class, ...)                                                                   \
    const ScheduleClass id##_schedule = {.schema = &id##_schema, __VA_ARGS__}

typedef struct Schedule {
    const ScheduleClass *of;
    const void *config;
} Schedule;

/* From {className, config}, in the arena; *full gets it with all fields. NULL with the error
** set. */
const Schedule *schedule_read(const char *who, const cJSON *spec, Arena *arena, cJSON **full);
double schedule_at(const Schedule *s, double step);

extern const ScheduleClass *const all_schedules[];
#endif
