#pragma once
void reduce_sum(const float *x, int outer, int n, int inner, float *y);
void reduce_max(const float *x, int outer, int n, int inner, float *y);
void reduce_min(const float *x, int outer, int n, int inner, float *y);
