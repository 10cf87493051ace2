# OmniOps Autopilot: dashboard, REST API and agent in one container, as a user without rights.
#
#     docker run -p 8080:8080 -v autopilot-data:/data -v autopilot-keys:/keys IMAGE
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium fonts-noto-core tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 autopilot

WORKDIR /srv/autopilot
COPY --chown=autopilot:autopilot . .
RUN chown autopilot:autopilot . && install -d -o autopilot -g autopilot -m 700 /data /keys

USER autopilot
RUN scripts/install

# The key is kept apart from what it opens: back up the two volumes apart, too. Docker's usual profile denies the browser
# the user namespaces its own sandbox is made of; the container confines it. Allow them, and take the setting out.
ENV AUTOPILOT_DATA_DIR=/data AUTOPILOT_KEY_FILE=/keys/master.key AUTOPILOT_HOST=0.0.0.0 AUTOPILOT_PORT=8080 \
    AUTOPILOT_BROWSER_SANDBOX=false
VOLUME /data /keys
EXPOSE 8080
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD [".venv/bin/autopilot", "serve"]
