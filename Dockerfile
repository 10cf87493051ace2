# OmniOps Autopilot: dashboard, REST API and agent in one container, as a user without rights.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-noto-core tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 autopilot

WORKDIR /srv/autopilot
COPY --chown=autopilot:autopilot . .
RUN chown autopilot:autopilot . && mkdir /data && chown autopilot:autopilot /data

USER autopilot
RUN scripts/install

ENV AUTOPILOT_DATA_DIR=/data AUTOPILOT_HOST=0.0.0.0 AUTOPILOT_PORT=8080
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD [".venv/bin/autopilot", "serve"]
