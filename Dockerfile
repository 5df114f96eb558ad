# One image for web, workers and preparation. The pages are built first and only their result is kept.
FROM node:22-slim AS pages
WORKDIR /cytoloop/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.11-slim
WORKDIR /cytoloop
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 CYTOLOOP_HOME=/data
COPY requirements.lock pyproject.toml README.md ./
RUN pip install -r requirements.lock
COPY manage.py ./
COPY backend/ backend/
COPY annotation/ annotation/
COPY training/ training/
RUN pip install --no-deps -e .
COPY --from=pages /cytoloop/frontend/dist frontend/dist
RUN useradd --create-home cytoloop && mkdir /data && chown cytoloop /data
USER cytoloop
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["cytoloop"]
CMD ["up"]
