using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Telemetry;

/// <summary>Gives metrics out: to Prometheus by the HTTP server, to a collector by OTLP.</summary>
internal static class MetricsExport
{
    private const string Path = "/metrics";

    /// <param name="metrics">Null where nobody is given any.</param>
    public static void AddMetricsExport(this IServiceCollection services, OrchestratorMetrics? metrics)
    {
        if (metrics is null)
        {
            return;
        }

        services.AddSingleton(metrics.Settings);
        services.AddOpenTelemetry()
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
                    provider.AddOtlpExporter((exporter, reader) => Configure(exporter, reader, metrics.Settings.Otlp, collector));
                }
            });
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

    private static void Configure(OtlpExporterOptions exporter, MetricReaderOptions reader, OtlpSettings settings, Uri collector)
    {
        var isHttp = settings.Protocol == OtlpProtocol.Http;
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = isHttp ? new Uri($"{collector.ToString().TrimEnd('/')}/v1/metrics") : collector;
        exporter.TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
        if (settings.Headers.Value.Length > 0)
        {
            exporter.Headers = settings.Headers.Value;
        }

        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
    }
}
