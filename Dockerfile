# nightvoice in a container, for x86-64 and 64-bit ARM: docs/raspberry-pi.md tells how it gets sound and keeps its diary.
FROM debian:bookworm-slim

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    python3 python3-venv libportaudio2 libasound2-plugins espeak-ng fontconfig libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*

COPY . /src
RUN python3 -m venv /opt/nightvoice \
 && /opt/nightvoice/bin/pip install --no-cache-dir "/src[bridge,hub,report,web,wyoming]" \
 && rm -rf /src

# Not root; sound comes through a server of the host, which has to know this user by its number.
RUN useradd --uid 1000 --create-home nightvoice && install -d -o nightvoice /data
USER nightvoice
ENV PATH=/opt/nightvoice/bin:$PATH \
    XDG_CONFIG_HOME=/data/config XDG_DATA_HOME=/data/data XDG_STATE_HOME=/data/state XDG_CACHE_HOME=/data/cache
VOLUME /data
ENTRYPOINT ["nightvoice"]
CMD ["run"]
