# The service as an image: no tools, no secrets, no root. State lives in /var/lib/enduse and in PostgreSQL only.

FROM python:3.11-slim-bookworm AS system
WORKDIR /src
COPY scripts/setup scripts/
RUN scripts/setup --system && fc-cache -f && rm -rf /var/lib/apt/lists/*

FROM system AS build
COPY . .
RUN scripts/setup --server /opt/enduse

FROM system
WORKDIR /
RUN rm -r /src && useradd --uid 10001 --no-create-home --home-dir /var/lib/enduse --shell /usr/sbin/nologin enduse \
    && install -d -o enduse -g enduse -m 0700 /var/lib/enduse
COPY --from=build /opt/enduse /opt/enduse
ENV PATH=/opt/enduse/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ENDUSE_ENVIRONMENT=production ENDUSE_DATA_FOLDER=/var/lib/enduse ENDUSE_HOST=0.0.0.0 ENDUSE_PORT=8000
USER enduse
VOLUME /var/lib/enduse
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["enduse"]
CMD ["serve"]
