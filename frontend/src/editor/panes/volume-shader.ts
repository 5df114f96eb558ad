/** Walks a ray through a box of labels and shades the first cell it meets. */
export const VOLUME_SHADER = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler3D;
uniform usampler3D uVolume;
uniform usampler3D uBlocks;     // 1 where a block of 8 voxels an edge holds anything
uniform sampler2D uColours;     // 256 columns; alpha 1 = selected
uniform vec3 uCounts;           // voxels along x, y, z
uniform vec3 uSize;             // the box in its own units
uniform vec3 uRight;
uniform vec3 uDown;
uniform vec3 uForward;
uniform vec3 uMiddle;
uniform float uHalf;
uniform vec2 uView;             // device px
uniform vec3 uGround;
uniform int uMostSteps;
out vec4 colour;

uint at(ivec3 voxel) {
  return any(lessThan(voxel, ivec3(0))) || any(greaterThanEqual(voxel, ivec3(uCounts))) ? 0u : texelFetch(uVolume, voxel, 0).r;
}

// How much of the neighbourhood belongs to the same cell: falls outwards, so that its slope is the surface's normal.
vec3 normalAt(ivec3 voxel, uint cell) {
  vec3 slope = vec3(0.0);
  for (int r = 1; r <= 3; r++) {
    ivec3 x = ivec3(r, 0, 0), y = ivec3(0, r, 0), z = ivec3(0, 0, r);
    slope += vec3(
      float(at(voxel - x) == cell) - float(at(voxel + x) == cell),
      float(at(voxel - y) == cell) - float(at(voxel + y) == cell),
      float(at(voxel - z) == cell) - float(at(voxel + z) == cell));
  }
  for (int k = 0; k < 8; k++) {
    ivec3 corner = ivec3((k & 1) * 2 - 1, (k & 2) - 1, (k >> 1 & 2) - 1);
    slope -= vec3(corner) * (float(at(voxel + corner * 2) == cell) * 0.7);
  }
  return slope * uCounts / uSize;
}

vec3 colourOf(uint cell, out float chosen) {
  vec4 entry = texelFetch(uColours, ivec2(int(cell & 255u), int(cell >> 8)), 0);
  chosen = step(0.5, entry.a);
  return entry.rgb;
}

vec3 shaded(uint cell, ivec3 voxel, vec3 face) {
  float chosen;
  vec3 own = colourOf(cell, chosen);
  vec3 slope = normalAt(voxel, cell);
  vec3 normal = normalize(length(slope) > 0.01 ? slope : -face);
  float light = max(0.0, dot(normal, normalize(-uForward * 0.9 - uDown * 0.55 - uRight * 0.35)));
  float rim = pow(1.0 - abs(dot(normal, uForward)), 3.0);
  vec3 lit = own * (0.3 + 0.75 * light);
  return chosen > 0.5 ? mix(mix(lit, vec3(1.0), 0.35), vec3(1.0), rim) : lit + 0.12 * rim;
}

void main() {
  vec2 place = (vec2(gl_FragCoord.x, uView.y - gl_FragCoord.y) - uView * 0.5) / (uView.y * 0.5);
  vec3 scale = uCounts / uSize;
  vec3 origin = (uMiddle + uRight * place.x * uHalf + uDown * place.y * uHalf - uForward * uHalf * 4.0) * scale;
  vec3 ray = uForward * scale;
  ray = mix(ray, vec3(1e-7), lessThan(abs(ray), vec3(1e-7)));
  vec3 a = -origin / ray, b = (uCounts - origin) / ray;
  vec3 low = min(a, b), high = max(a, b);
  float enter = max(max(low.x, low.y), max(low.z, 0.0)), leave = min(high.x, min(high.y, high.z));
  colour = vec4(uGround, 1.0);
  if (enter >= leave) return;
  // The edges of the box, so that the eye knows where it is.
  vec3 entry = (origin + ray * (enter + 1e-4)) / uCounts;
  vec3 rim = min(entry, 1.0 - entry) * uSize;
  float nearest = min(max(rim.x, rim.y), min(max(rim.y, rim.z), max(rim.x, rim.z)));
  vec3 ground = mix(uGround, vec3(0.55), nearest < uHalf * 3.0 / uView.y ? 0.6 : 0.0);
  vec3 step1 = abs(1.0 / ray);
  float t = enter + 1e-4;
  uint cell = 0u;
  ivec3 voxel = ivec3(0);
  vec3 face = -uForward;
  for (int i = 0; i < uMostSteps; i++) {
    vec3 p = origin + ray * t;
    voxel = clamp(ivec3(floor(p)), ivec3(0), ivec3(uCounts) - 1);
    // An empty block is crossed in one step.
    bool filled = texelFetch(uBlocks, voxel >> 3, 0).r != 0u;
    cell = filled ? texelFetch(uVolume, voxel, 0).r : 0u;
    if (cell != 0u) break;
    vec3 edge = filled ? vec3(voxel) : vec3((voxel >> 3) << 3);
    float span = filled ? 1.0 : 8.0;
    vec3 out3 = (edge + mix(vec3(0.0), vec3(span), greaterThan(ray, vec3(0.0))) - origin) / ray;
    t = min(out3.x, min(out3.y, out3.z)) + 1e-3 * min(step1.x, min(step1.y, step1.z));
    if (t >= leave) break;
  }
  colour = vec4(cell == 0u ? ground : shaded(cell, voxel, face), 1.0);
}`;
