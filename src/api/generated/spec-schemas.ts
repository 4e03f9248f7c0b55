// Generated from crds/ by `make generate`. Do not edit.

/** The schema of `spec` of each kind that people write, without descriptions, as the CRDs of this version have it. */
export const SPEC_SCHEMAS: Readonly<Record<string, unknown>> = {
  CertificateRotation: {
    type: 'object',
    required: ['target'],
    'x-kubernetes-validations': [
      {
        rule: "!has(self.mode) || self.mode != 'Rotate' || (has(self.acceptDowntime) && self.acceptDowntime)",
        message:
          'mode Rotate needs acceptDowntime: true, because a rotation recreates every node and may take the cluster down for up to 30 minutes',
      },
    ],
    properties: {
      target: {
        type: 'object',
        required: ['resourceId'],
        properties: {
          resourceId: {
            type: 'string',
            maxLength: 400,
            'x-kubernetes-validations': [
              {
                rule: "self.lowerAscii().matches('^/subscriptions/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/resourcegroups/[-_.()\\\\p{L}\\\\p{N}]{0,89}[-_()\\\\p{L}\\\\p{N}]/providers/microsoft[.]containerservice/managedclusters/[0-9a-z]([-_0-9a-z]{0,61}[0-9a-z])?$')",
                message:
                  'must be /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}; `az aks show --query id` prints it. The group has letters and digits of any script, hyphens, underscores, parentheses and periods, at most 90 in all and no period at its end',
              },
              {
                rule: 'self.lowerAscii() == oldSelf.lowerAscii()',
                message: 'is immutable; create another object for another cluster',
              },
            ],
          },
          nodeAccess: {
            type: 'object',
            'x-kubernetes-validations': [
              {
                rule: '[has(self.kubeconfigSecretRef), has(self.azure), has(self.inCluster)].exists_one(given, given)',
                message: 'needs exactly one of kubeconfigSecretRef, azure and inCluster',
              },
            ],
            properties: {
              kubeconfigSecretRef: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 253,
                    'x-kubernetes-validations': [
                      {
                        rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
                        message:
                          'must be the name of a Secret: lower-case letters, digits, "-" and ".", with a letter or a digit at both ends of each part',
                      },
                    ],
                  },
                  key: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 253,
                    default: 'value',
                    'x-kubernetes-validations': [
                      {
                        rule: "self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",
                        message:
                          'must be a key of a Secret: letters, digits, "-", "_" and ".", and not "." nor beginning with ".."',
                      },
                      {
                        rule: "!(self in ['__proto__', 'constructor', 'prototype'])",
                        message: 'must not be __proto__, constructor or prototype: choose another key in the Secret',
                      },
                    ],
                  },
                },
              },
              azure: { type: 'object' },
              inCluster: { type: 'object' },
            },
          },
        },
      },
      mode: { type: 'string', enum: ['Monitor', 'Rotate'], default: 'Monitor' },
      request: {
        type: 'object',
        required: ['replaceCA'],
        properties: {
          replaceCA: {
            type: 'string',
            maxLength: 64,
            'x-kubernetes-validations': [
              {
                rule: "self.matches('^[0-9a-f]{64}$')",
                message:
                  'must be a SHA-256 in 64 lower-case hexadecimal digits, as the row ClusterCA of status.certificates has it',
              },
            ],
          },
        },
      },
      requestedAt: { type: 'string' },
      every: {
        type: 'string',
        maxLength: 6,
        'x-kubernetes-validations': [
          {
            rule: "self.matches('^[1-9][0-9]{0,4}[hd]$')",
            message: 'must be a number of days or hours, such as 90d or 2160h',
          },
          {
            rule: "!self.matches('^[1-9][0-9]{0,4}[hd]$') || (int(self.replace('d', '').replace('h', '')) * (self.endsWith('d') ? 24 : 1) >= 720 && int(self.replace('d', '').replace('h', '')) * (self.endsWith('d') ? 24 : 1) <= 87600)",
            message: 'must be at least 30d and at most 3650d: every rotation recreates all nodes',
          },
        ],
      },
      beforeExpiry: {
        type: 'string',
        maxLength: 6,
        'x-kubernetes-validations': [
          {
            rule: "self.matches('^[1-9][0-9]{0,4}[hd]$')",
            message: 'must be a number of days or hours, such as 30d or 720h',
          },
          {
            rule: "!self.matches('^[1-9][0-9]{0,4}[hd]$') || (int(self.replace('d', '').replace('h', '')) * (self.endsWith('d') ? 24 : 1) >= 24 && int(self.replace('d', '').replace('h', '')) * (self.endsWith('d') ? 24 : 1) <= 87600)",
            message: 'must be at least 1d and at most 3650d',
          },
        ],
      },
      notice: {
        type: 'string',
        maxLength: 6,
        'x-kubernetes-validations': [
          {
            rule: "self.matches('^[1-9][0-9]{0,4}[hd]$')",
            message: 'must be a number of hours or days, such as 72h or 7d',
          },
          {
            rule: "!self.matches('^[1-9][0-9]{0,4}[hd]$') || int(self.replace('d', '').replace('h', '')) * (self.endsWith('d') ? 24 : 1) <= 720",
            message: 'must be at most 30d',
          },
        ],
      },
      acceptDowntime: { type: 'boolean' },
      accept: {
        type: 'array',
        maxItems: 5,
        'x-kubernetes-list-type': 'set',
        items: {
          type: 'string',
          enum: ['UnevictablePods', 'AutoProvisionedNodes', 'VirtualNodes', 'NotReadyNodes', 'UnreadableNodes'],
        },
      },
      window: {
        type: 'object',
        'x-kubernetes-validations': [
          {
            rule: 'has(self.schedule) != has(self.maintenanceConfiguration)',
            message: 'needs exactly one of schedule and maintenanceConfiguration',
          },
          {
            rule: 'has(self.schedule) == has(self.durationHours)',
            message: 'needs durationHours with a schedule, and only with a schedule',
          },
          { rule: 'has(self.schedule) || !has(self.timeZone)', message: 'has a timeZone only with a schedule' },
        ],
        properties: {
          schedule: { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9*,/#-]+( +[A-Za-z0-9*,/#-]+){4}$' },
          timeZone: { type: 'string', maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' },
          durationHours: { type: 'integer', minimum: 1, maximum: 168 },
          maintenanceConfiguration: {
            type: 'string',
            enum: ['aksManagedNodeOSUpgradeSchedule', 'aksManagedAutoUpgradeSchedule'],
          },
        },
      },
      kubeconfig: {
        type: 'object',
        required: ['secretName'],
        properties: {
          secretName: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            'x-kubernetes-validations': [
              {
                rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
                message:
                  'must be the name of a Secret: lower-case letters, digits, "-" and ".", with a letter or a digit at both ends of each part',
              },
            ],
          },
          key: {
            type: 'string',
            minLength: 1,
            maxLength: 253,
            default: 'value',
            'x-kubernetes-validations': [
              {
                rule: "self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",
                message:
                  'must be a key of a Secret: letters, digits, "-", "_" and ".", and not "." nor beginning with ".."',
              },
              {
                rule: "!(self in ['__proto__', 'constructor', 'prototype'])",
                message: 'must not be __proto__, constructor or prototype: choose another key in the Secret',
              },
            ],
          },
        },
      },
      findConsumers: { type: 'boolean', default: false },
      suspend: { type: 'boolean', default: false },
    },
  },
  CustomCATrust: {
    type: 'object',
    required: ['target'],
    'x-kubernetes-validations': [
      {
        rule: 'self.allowEmpty || size(self.certificates) > 0 || size(oldSelf.certificates) == 0',
        message:
          'would empty the list of certificates, which removes them from the cluster and replaces every node; set allowEmpty to true if that is intended',
      },
    ],
    properties: {
      target: {
        type: 'object',
        required: ['resourceId'],
        properties: {
          resourceId: {
            type: 'string',
            maxLength: 400,
            'x-kubernetes-validations': [
              {
                rule: "self.lowerAscii().matches('^/subscriptions/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/resourcegroups/[-_.()\\\\p{L}\\\\p{N}]{0,89}[-_()\\\\p{L}\\\\p{N}]/providers/microsoft[.]containerservice/managedclusters/[0-9a-z]([-_0-9a-z]{0,61}[0-9a-z])?$')",
                message:
                  'must be /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}; `az aks show --query id` prints it. The group has letters and digits of any script, hyphens, underscores, parentheses and periods, at most 90 in all and no period at its end',
              },
              {
                rule: 'self.lowerAscii() == oldSelf.lowerAscii()',
                message: 'is immutable; create another object for another cluster',
              },
            ],
          },
          nodeAccess: {
            type: 'object',
            'x-kubernetes-validations': [
              {
                rule: '[has(self.kubeconfigSecretRef), has(self.azure), has(self.inCluster)].exists_one(given, given)',
                message: 'needs exactly one of kubeconfigSecretRef, azure and inCluster',
              },
            ],
            properties: {
              kubeconfigSecretRef: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 253,
                    'x-kubernetes-validations': [
                      {
                        rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
                        message:
                          'must be the name of a Secret: lower-case letters, digits, "-" and ".", with a letter or a digit at both ends of each part',
                      },
                    ],
                  },
                  key: {
                    type: 'string',
                    minLength: 1,
                    maxLength: 253,
                    default: 'value',
                    'x-kubernetes-validations': [
                      {
                        rule: "self.matches('^[-._a-zA-Z0-9]+$') && self != '.' && !self.startsWith('..')",
                        message:
                          'must be a key of a Secret: letters, digits, "-", "_" and ".", and not "." nor beginning with ".."',
                      },
                      {
                        rule: "!(self in ['__proto__', 'constructor', 'prototype'])",
                        message: 'must not be __proto__, constructor or prototype: choose another key in the Secret',
                      },
                    ],
                  },
                },
              },
              azure: { type: 'object' },
              inCluster: { type: 'object' },
            },
          },
        },
      },
      certificates: {
        type: 'array',
        maxItems: 64,
        default: [],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        items: {
          type: 'object',
          required: ['name', 'pem'],
          properties: {
            name: { type: 'string', maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
            pem: { type: 'string', minLength: 1, maxLength: 1048576 },
          },
        },
      },
      suspend: { type: 'boolean', default: false },
      unmanagedCertificates: { type: 'string', enum: ['Keep', 'Remove'], default: 'Keep' },
      invalidCertificates: { type: 'string', enum: ['Hold', 'Skip'], default: 'Hold' },
      deletionPolicy: { type: 'string', enum: ['Retain', 'Remove'], default: 'Retain' },
      settleSeconds: { type: 'integer', minimum: 0, maximum: 3600, default: 30 },
      allowEmpty: { type: 'boolean', default: false },
      adopt: { type: 'boolean', default: false },
      window: {
        type: 'object',
        'x-kubernetes-validations': [
          {
            rule: 'has(self.schedule) != has(self.maintenanceConfiguration)',
            message: 'needs exactly one of schedule and maintenanceConfiguration',
          },
          {
            rule: 'has(self.schedule) == has(self.durationHours)',
            message: 'needs durationHours with a schedule, and only with a schedule',
          },
          { rule: 'has(self.schedule) || !has(self.timeZone)', message: 'has a timeZone only with a schedule' },
        ],
        properties: {
          schedule: { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9*,/#-]+( +[A-Za-z0-9*,/#-]+){4}$' },
          timeZone: { type: 'string', maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' },
          durationHours: { type: 'integer', minimum: 1, maximum: 168 },
          maintenanceConfiguration: {
            type: 'string',
            enum: ['aksManagedNodeOSUpgradeSchedule', 'aksManagedAutoUpgradeSchedule'],
          },
        },
      },
      verify: {
        type: 'object',
        'x-kubernetes-validations': [
          { rule: 'has(self.image) != has(self.trustStore)', message: 'needs exactly one of image and trustStore' },
        ],
        properties: {
          image: {
            type: 'string',
            maxLength: 512,
            pattern: '^[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?([.][a-zA-Z0-9]+|:[0-9]{1,5})/[^\\s]+$',
          },
          trustStore: { type: 'object' },
          imagePullSecrets: {
            type: 'array',
            maxItems: 8,
            'x-kubernetes-list-type': 'set',
            items: {
              type: 'string',
              minLength: 1,
              maxLength: 253,
              'x-kubernetes-validations': [
                {
                  rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
                  message:
                    'must be the name of a Secret: lower-case letters, digits, "-" and ".", with a letter or a digit at both ends of each part',
                },
              ],
            },
          },
          nodes: { type: 'string', enum: ['PerPool', 'Every'], default: 'PerPool' },
        },
      },
    },
  },
};
