"""Identity providers: who may vouch for people and programs, over OpenID Connect and SAML 2.0."""
