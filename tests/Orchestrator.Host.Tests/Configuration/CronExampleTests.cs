using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Tests.Cli;

namespace Orchestrator.Host.Tests.Configuration;

/// <summary>The examples for cron and Kubernetes: their configuration is accepted, and their command lines are understood.</summary>
public sealed partial class CronExampleTests
{
    [Theory]
    [InlineData("milvus", "search")]
    [InlineData("ravendb", "shop")]
    public async Task A_cron_job_of_Kubernetes(string engine, string cluster)
    {
        var manifest = await File.ReadAllTextAsync(Repository.PathOf("k8s", "cronjobs", $"{engine}-compact.yaml"));

        await Check(engine, cluster, ConfigMap().Match(manifest).Groups[1].Value, [.. Argument().Matches(Arguments().Match(manifest).Value).Select(found => found.Groups[1].Value)]);
    }

    [Theory]
    [InlineData("milvus", "search")]
    [InlineData("ravendb", "shop")]
    public async Task A_line_for_cron_on_the_engine_s_page(string engine, string cluster)
    {
        var page = await File.ReadAllTextAsync(Repository.PathOf("docs", "engines", $"{engine}.md"));

        await Check(engine, cluster, Configuration().Match(page).Groups[1].Value, CronLine().Match(page).Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task Check(string engine, string cluster, string configuration, string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        WriteCertificates(directory);
        var text = CertificateFile().Replace(configuration, found => Path.Combine(directory.Path, found.Groups[1].Value))
            .Replace("${?MILVUS_PASSWORD}", "secret", StringComparison.Ordinal);
        var file = directory.Write("cron.conf", text);
        var settings = SettingsBinder.Bind(StandaloneServer.ForOneCommand(ConfigurationSources.Load(file), file), EngineProviders.All);
        Assert.Equal((cluster, engine), (Assert.Single(settings.Definitions).Name, Assert.Single(settings.Definitions).Engine));

        Assert.Equal("compact", arguments[0]);
        var started = "";
        await Assert.ThrowsAsync<OperationCanceledException>(() => CliHarness.Run(
            (configFile, _, _) =>
            {
                started = configFile;
                throw new OperationCanceledException();
            },
            default,
            arguments));
        Assert.EndsWith(".conf", started, StringComparison.Ordinal);
        Assert.Contains($"--cluster {cluster} ", string.Join(' ', arguments), StringComparison.Ordinal);
    }

    private static void WriteCertificates(TemporaryDirectory directory)
    {
        using var key = RSA.Create(2048);
        using var made = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        directory.Write("ca.pem", made.ExportCertificatePem());
        directory.Write("client.pem", made.ExportCertificatePem());
        directory.Write("client-key.pem", key.ExportPkcs8PrivateKeyPem());
    }

    [GeneratedRegex(@"\.conf: \|\n(.*?)\n---\n", RegexOptions.Singleline)]
    private static partial Regex ConfigMap();

    [GeneratedRegex(@" args:\n( +- \S+\n)+")]
    private static partial Regex Arguments();

    [GeneratedRegex(@"- ""?([^\s""]+)""?\n")]
    private static partial Regex Argument();

    [GeneratedRegex(@"```hocon\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Configuration();

    [GeneratedRegex(@"\n30 3 \* \* 0 .* orchestrator (compact .*?) >>")]
    private static partial Regex CronLine();

    [GeneratedRegex(@"[\w/-]*?((ca|client|client-key)\.pem)")]
    private static partial Regex CertificateFile();
}
