using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Kubernetes.Eviction;

/// <summary>
/// The certificate by which the API server knows the webhook. It signs itself, is kept in a Secret that all operators share, is made anew in
/// time, and is written into the webhook's configuration as the authority to trust.
/// </summary>
internal sealed class WebhookCertificate(IKubernetes client, string place, EvictionWebhookSettings settings, TimeProvider time, Serilog.ILogger logger)
{
    private const string CertificateKey = "tls.crt";
    private const string PrivateKeyKey = "tls.key";

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan Rest = TimeSpan.FromDays(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly LastingTrouble _trouble = new(
        "The certificate of the eviction webhook cannot be kept in order, so that evictions may pass unchecked", "The certificate of the eviction webhook is in order again", time, logger);

    private volatile X509Certificate2? _current;

    /// <summary>What the server shows; null before it is known.</summary>
    public X509Certificate2? Current => _current;

    /// <summary>Keeps certificate and configuration in order until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var pause = Interval;
            try
            {
                var pem = await Renew(cancellationToken);
                await Trust(pem, cancellationToken);
                _trouble.Over();
            }
            catch (Exception e) when (ResourceStore.IsExpected(e))
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    _trouble.Note(ResourceStore.Reason(e));
                }

                pause = Retry;
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Makes a certificate for the webhook's Service.</summary>
    /// <returns>Certificate and key, in PEM.</returns>
    internal static (string Certificate, string Key) Make(string service, string place, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = $"{service}.{place}.svc";

        // The common name has at most 64 characters, and nobody looks at it.
        var request = new CertificateRequest("CN=compaction-orchestrator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(now.AddMinutes(-5), now + Lifetime);
        return (made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <returns>The certificate in use, in PEM.</returns>
    private async Task<string> Renew(CancellationToken cancellationToken)
    {
        var secret = await Read(cancellationToken);
        if (Use(secret) is { } good)
        {
            return good;
        }

        var (certificate, key) = Make(settings.Service, place, time.GetUtcNow());
        var wanted = new V1Secret
        {
            Type = secret?.Type ?? "kubernetes.io/tls",
            Metadata = new V1ObjectMeta { Name = settings.Secret, NamespaceProperty = place, ResourceVersion = secret?.Metadata.ResourceVersion },
            Data = new Dictionary<string, byte[]>
            {
                [CertificateKey] = Encoding.ASCII.GetBytes(certificate),
                [PrivateKeyKey] = Encoding.ASCII.GetBytes(key),
            },
        };
        try
        {
            var kept = await ResourceClient.Limited(
                token => secret is null
                    ? client.CoreV1.CreateNamespacedSecretAsync(wanted, place, fieldManager: ResourceClient.Manager, cancellationToken: token)
                    : client.CoreV1.ReplaceNamespacedSecretAsync(wanted, settings.Secret, place, fieldManager: ResourceClient.Manager, cancellationToken: token),
                cancellationToken);
            logger.Information("The eviction webhook has a new certificate, in the Secret {Secret}", settings.Secret);
            return Use(kept)!;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Another operator was faster.
            return Use(await Read(cancellationToken)) ?? throw new IOException($"the Secret {settings.Secret} changes too often");
        }
    }

    private async Task<V1Secret?> Read(CancellationToken cancellationToken)
    {
        try
        {
            return await ResourceClient.Limited(
                token => client.CoreV1.ReadNamespacedSecretAsync(settings.Secret, place, cancellationToken: token), cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <returns>The certificate in PEM; null if there is none, or one that does not last.</returns>
    private string? Use(V1Secret? secret)
    {
        if (secret?.Data is not { } data || !data.TryGetValue(CertificateKey, out var certificate) || !data.TryGetValue(PrivateKeyKey, out var key))
        {
            return null;
        }

        try
        {
            var pem = Encoding.ASCII.GetString(certificate);
            var read = X509Certificate2.CreateFromPem(pem, Encoding.ASCII.GetString(key));
            if (time.GetUtcNow() < read.NotAfter.ToUniversalTime() - Rest && read.MatchesHostname($"{settings.Service}.{place}.svc"))
            {
                _current = read;
                return pem;
            }

            read.Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Has the API server trust it, in each webhook of the configuration.</summary>
    private async Task Trust(string pem, CancellationToken cancellationToken)
    {
        var configuration = await ResourceClient.Limited(
            token => client.AdmissionregistrationV1.ReadValidatingWebhookConfigurationAsync(settings.Configuration, cancellationToken: token), cancellationToken);
        var authority = Encoding.ASCII.GetBytes(pem);
        var wrong = (configuration.Webhooks ?? []).Where(webhook => !authority.AsSpan().SequenceEqual(webhook.ClientConfig.CaBundle ?? [])).ToList();
        if (wrong.Count == 0)
        {
            return;
        }

        // A strategic patch finds each webhook by its name.
        var change = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = configuration.Metadata.ResourceVersion },
            ["webhooks"] = new JsonArray([.. wrong.Select(webhook => new JsonObject
            {
                ["name"] = webhook.Name,
                ["clientConfig"] = new JsonObject { ["caBundle"] = Convert.ToBase64String(authority) },
            })]),
        };
        var patch = new V1Patch(change.ToJsonString(), V1Patch.PatchType.StrategicMergePatch);
        await ResourceClient.Limited(
            token => client.AdmissionregistrationV1.PatchValidatingWebhookConfigurationAsync(
                patch, settings.Configuration, fieldManager: ResourceClient.Manager, cancellationToken: token),
            cancellationToken);
        logger.Information("The API server trusts the eviction webhook's certificate ({Configuration})", settings.Configuration);
    }
}
