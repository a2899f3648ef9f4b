/** A command of a physics override file. */
export interface PhysicsCommand {
  readonly name: string;
  /** What it does, one sentence without a full stop. */
  readonly meaning: string;
  /** `none`: stands alone; `switch`: 0 or 1; `number`; `words`: anything, several values or an index first. */
  readonly value: 'none' | 'switch' | 'number' | 'words';
}

type Value = PhysicsCommand['value'];

const GROUPS: readonly (readonly [Value, Readonly<Record<string, string>>])[] = [
  [
    'none',
    {
      cleareverything:
        'Switches off all of the atmosphere, the optics and the sensor that can be switched off',
      clearperturbations: 'Takes optics without perturbations',
      cleartracking: 'Takes a telescope that tracks without error',
      clearclouds: 'Takes a sky without clouds',
      clearopacity: 'Takes an atmosphere that absorbs nothing',
      clearturbulence: 'Takes an atmosphere without turbulence',
      cleardefects: 'Takes sensors without defects',
      normalbackground: 'Background with the usual precision',
      quickbackground: 'Background with little precision, quickly',
    },
  ],
  [
    'switch',
    {
      aberration: 'Aberration of light by the motion of the earth',
      airrefraction: 'Refraction by the air',
      aperturemode: 'Only the aperture of the telescope',
      atmosphericdispersion: 'Dispersion by the atmosphere',
      atmosphericdispcenter: 'Dispersion relative to the centre of the filter',
      backgroundmode: 'Background of the sky',
      blooming: 'Charge that flows over along a column',
      centroidfile: 'Writes a file of the centroids of all sources',
      chargediffusion: 'Diffusion of charge in the silicon',
      chargesharing: 'Charges that push each other away (brighter-fatter)',
      coatingmode: 'Coatings of the optics',
      contaminationmode: 'Dust on the surfaces',
      deadlayer: 'Dead layer of the sensors',
      detectormode: 'The detector as a whole',
      diffractionmode: 'Diffraction',
      eventfile: 'Writes a file of every photon',
      fieldanisotropy: 'Anisotropy of the electric field in the sensors',
      fringing: 'Interference in the silicon',
      impurityvariation: 'Variation of the impurities of the silicon',
      nutation: 'Nutation of the earth',
      onlyadjacent: 'Looks for the next surface among neighbours only',
      opdfile: 'Writes a file of the optical path difference',
      opticsonlymode: 'Only the optics',
      overridesurfacephysics: 'Takes the surfaces as the commands set them',
      perturbationmode: 'Perturbations of the optics',
      photoelectric: 'Depth at which photons are converted',
      pixelerror: 'Errors of the sizes of pixels',
      poissonmode: 'Noise of photons',
      precession: 'Precession of the earth',
      saturation: 'Full wells',
      sensorrefraction: 'Refraction at the surface of the sensor',
      spidermode: 'Shadow of the spider',
      splitsources: 'Parts bright sources among threads',
      straylight: 'Light that goes astray',
      telescopemode: 'The telescope as a whole',
      throughputfile: 'Writes a file of the losses of photons',
      trackingmode: 'Errors of tracking',
      windshakemode: 'Shaking by the wind',
      zernikemode: 'Perturbations given as Zernike polynomials',
    },
  ],
  [
    'number',
    {
      activebuffer: 'Rows around the sensor in which photons are followed, pixels',
      aerosolgradient: 'Variation of the aerosols over the field',
      airglowcintensity: 'Brightness of the airglow continuum, mag/arcsec²',
      airglowpintensity: 'Brightness of the airglow lines, mag/arcsec²',
      airglowvariation: 'Variation of the airglow over the field',
      atmospheremode: 'Atmosphere: 0 none, 1 without turbulence, 2 all',
      backalpha: 'Precision of the background: share of photons followed one by one',
      backbeta: 'Precision of the background: width of the smoothing',
      backbuffer: 'Precision of the background: edge around the sensor, pixels',
      backdelta: 'Precision of the background: factor of the photons taken together',
      backepsilon: 'Precision of the background',
      backgamma: 'Precision of the background: photons taken together',
      backradius: 'Precision of the background: distance of its sources, arcsec',
      checkpointcount: 'Which part of the run this one is, from 0',
      checkpointtotal: 'Number of checkpoints; the run is made in one part more',
      diagnostic: 'Level of the diagnostics written',
      domelight: 'Brightness of the dome light, mag/arcsec²',
      domeseeing: 'Seeing in the dome, arcsec',
      domewave: 'Wavelength of the dome light, nm',
      h2ogradient: 'Variation of water vapour over the field',
      exposureid: 'Number of the exposure',
      lascatprob: 'Probability of scattering at large angles',
      microroughness: 'Roughness of the surfaces',
      nsnap: 'Exposures of the visit',
      o2gradient: 'Variation of oxygen over the field',
      o3gradient: 'Variation of ozone over the field',
      opd: 'Writes the optical path difference',
      opdsampling: 'Points of the optical path difference per wavelength step',
      opdsize: 'Points along the side of the optical path difference',
      pixelsize: 'Size of a pixel, µm',
      raydensity: 'Density of cosmic rays; 0: none',
      raygradient: 'Variation of the air density over the field',
      sourceperthread: 'Sources that a thread takes at a time',
      thread: 'Threads of the raytrace',
      totalseeing: 'Seeing, arcsec',
      wavelength: 'Wavelength of the filter, µm',
      well_depth: 'Charge that a pixel holds, electrons',
      windjitter: 'Jitter by the wind',
      zenith_v: 'Brightness of the sky at zenith in V, mag/arcsec²; 1000: dark',
      zodiacallightmag: 'Brightness of the zodiacal light, mag/arcsec²',
    },
  ],
  [
    'words',
    {
      body: 'Moves a surface: surface, degree of freedom, amount (mm or rad)',
      extraid: 'Appended to the number of the visit, and so to the name of every file',
      fea: 'Shape of a surface from a finite element analysis: surface, file',
      ichebyshev: 'Shape of a surface: surface, term, coefficient',
      ipoly: 'Shape of a surface: surface, term, coefficient',
      izernike: 'Shape of a surface: surface, term, coefficient',
      surfacelink: 'Moves a surface with another: surface, surface',
      surfacemap: 'Shape of a surface from a file: surface, file, factor',
      distortion: 'Distorts a surface',
      perturbation: 'Perturbs a part of the optics',
      cloudmean: 'Clouds of a layer: layer, depth in mag',
      cloudvary: 'Variation of the clouds of a layer: layer, depth in mag',
      height: 'Height of a layer of the atmosphere: layer, km',
      outerscale: 'Outer scale of a layer: layer, m',
      seeing: 'Seeing of a layer: layer, arcsec',
      wind: 'Wind of a layer: layer, m/s',
      winddir: 'Direction of the wind of a layer: layer, deg',
    },
  ],
];

/** The commands that DESC uses and those of the readers of phoSim 3 to 6 that have a name of their own there. */
export const PHYSICS_COMMANDS: readonly PhysicsCommand[] = GROUPS.flatMap(([value, entries]) =>
  Object.entries(entries).map(([name, meaning]) => ({ name, meaning, value })),
);

const byName = new Map(PHYSICS_COMMANDS.map((command) => [command.name, command]));

/** Undefined for one that this table does not have, which phoSim may know all the same. */
export function physicsCommand(name: string): PhysicsCommand | undefined {
  return byName.get(name);
}
