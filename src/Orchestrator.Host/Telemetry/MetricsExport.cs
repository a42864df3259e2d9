using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Core.Runs;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Telemetry;

/// <summary>Gives metrics out: to Prometheus by the HTTP server, to a collector by OTLP, which is also given the traces of runs.</summary>
internal static class MetricsExport
{
    private const string Path = "/metrics";

    /// <param name="metrics">Null where nobody is given any.</param>
    /// <param name="engines">Those whose drivers may work here.</param>
    public static void AddMetricsExport(this IServiceCollection services, OrchestratorMetrics? metrics, EngineProviders engines)
    {
        if (metrics is null)
        {
            return;
        }

        services.AddSingleton(metrics.Settings);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("orchestrator", serviceInstanceId: metrics.Instance))
            .WithMetrics(provider =>
            {
                provider
                    .AddMeter(metrics.MeterName)
                    .AddAspNetCoreInstrumentation()
                    .AddHttpClientInstrumentation()
                    .AddRuntimeInstrumentation()
                    .AddProcessInstrumentation();
                if (metrics.Settings.Prometheus)
                {
                    provider.AddPrometheusExporter(prometheus =>
                    {
                        // What it would keep for later requests is kept here already.
                        prometheus.ScrapeResponseCacheDurationMilliseconds = 0;
                        prometheus.ScopeInfoEnabled = false;
                    });
                }

                if (metrics.Settings.Otlp.Endpoint is { } collector)
                {
                    provider.AddOtlpExporter((exporter, reader) =>
                    {
                        Configure(exporter, metrics.Settings.Otlp, collector, "metrics");
                        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)metrics.Settings.Otlp.Interval.TotalMilliseconds;
                    });
                }
            });
        if (metrics.Settings.Otlp.Endpoint is { } address)
        {
            telemetry.WithTracing(provider => provider
                // Requests that serve no run are nobody's trace.
                .SetSampler(new ParentBasedSampler(new AlwaysOffSampler()))
                .AddSource([metrics.MeterName, RunTrace.WorkSource, .. engines.TraceSources])
                .AddHttpClientInstrumentation()
                .AddOtlpExporter(exporter => Configure(exporter, metrics.Settings.Otlp, address, "traces")));
        }
    }

    public static void MapMetrics(this WebApplication app)
    {
        if (app.Services.GetService<TelemetrySettings>() is { Prometheus: true })
        {
            app.MapPrometheusScrapingEndpoint(Path)
                .WithMetadata(new HttpMethodMetadata(["GET"]))
                .Needs(Permission.View, ClusterSource.Everywhere);
        }
    }

    /// <param name="signal">The last part of its path over HTTP.</param>
    private static void Configure(OtlpExporterOptions exporter, OtlpSettings settings, Uri collector, string signal)
    {
        var isHttp = settings.Protocol == OtlpProtocol.Http;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = isHttp ? new Uri($"{collector.ToString().TrimEnd('/')}/v1/{signal}") : collector;
        exporter.TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
        if (settings.Headers.Value.Length > 0)
        {
            exporter.Headers = settings.Headers.Value;
        }
    }
}
