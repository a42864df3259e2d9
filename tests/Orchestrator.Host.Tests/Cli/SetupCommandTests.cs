using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;
using Orchestrator.Host.Doctor;
using Orchestrator.Host.Tests.Http;
using Orchestrator.Storage;

namespace Orchestrator.Host.Tests.Cli;

/// <summary><c>check-config</c>, <c>doctor</c> and <c>version</c>.</summary>
public sealed class SetupCommandTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task A_configuration_is_checked_for_the_command_that_it_is_meant_for()
    {
        var serve = await CliHarness.Run("check-config", Config("roles = [supervisor], clusters.kube { engine = etcd, endpoints = [\"http://127.0.0.1:1\"] }"));
        var command = await CliHarness.Run("check-config", Config("clusters.kube { engine = etcd, endpoints = [\"http://127.0.0.1:1\"] }"), "--output", "json");

        Assert.Equal((0, ""), (serve.Code, serve.Error));
        Assert.EndsWith("is valid, for serve with role supervisor.\n", serve.Out, StringComparison.Ordinal);
        Assert.Equal((0, "{\"valid\":true,\"errors\":[],\"warnings\":[]}\n", ""), command);
    }

    [Fact]
    public async Task A_file_without_roles_is_for_serve_if_it_says_how_to_serve()
    {
        var (code, _, error) = await CliHarness.Run("check-config", Config("http.port = 99999, htp.x = 1"));

        Assert.Equal(2, code);
        Assert.Contains("orchestrator.http.port", error, StringComparison.Ordinal);
        Assert.Contains("orchestrator.htp", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_configuration_is_told_with_line_and_setting()
    {
        var file = Config("roles = [supervisr]\n  http.port = 99999");

        var text = await CliHarness.Run("check-config", file);
        var json = await CliHarness.Run("check-config", file, "--output", "json");
        var missing = await CliHarness.Run("check-config", Path.Combine(directory.Path, "none.conf"));

        Assert.Equal((2, ""), (text.Code, text.Out));
        Assert.Equal(2, text.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(":1: orchestrator.roles: expected node, supervisor or operator, found", text.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (json.Code, json.Error));
        var errors = JsonNode.Parse(json.Out)!["errors"]!.AsArray();
        Assert.Equal([("orchestrator.roles", 1), ("orchestrator.http.port", 2)], errors.Select(error => (error!["setting"]!.GetValue<string>(), error["line"]!.GetValue<int>())));
        Assert.Equal(2, missing.Code);
        Assert.Contains("cannot be read: there is no such file", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_include_of_a_file_that_does_not_exist_is_a_warning_with_file_and_line()
    {
        var file = Config("clusters.kube { engine = etcd, endpoints = [\"http://127.0.0.1:1\"] }\n include \"none.conf\"\n include required(\"some.conf\")");
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "some.conf"), "");

        var text = await CliHarness.Run("check-config", file);
        var json = await CliHarness.Run("check-config", file, "--output", "json");
        var found = await Diagnosis.Make(file, TimeProvider.System, CancellationToken.None);

        Assert.Equal((0, ""), (text.Code, text.Error));
        var warning = Assert.Single(JsonNode.Parse(json.Out)!["warnings"]!.AsArray())!;
        const string problem = "includes \"none.conf\", which does not exist, so nothing is included";
        Assert.Equal((2, problem), (warning["line"]!.GetValue<int>(), warning["problem"]!.GetValue<string>()));
        Assert.Contains($":2: {problem}. Write include required", text.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains(found, finding => finding.State == FindingState.Warn && finding.Text.EndsWith($":2: {problem}.", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_pipe_to_which_nobody_writes_is_refused_as_configuration_and_as_include_instead_of_waited_for()
    {
        Skip.If(OperatingSystem.IsWindows(), "It has no such pipes.");
        var pipe = Path.Combine(directory.Path, "pipe.conf");
        await Process.Start("mkfifo", pipe).WaitForExitAsync();

        var file = await CliHarness.Run("check-config", pipe);
        var include = await CliHarness.Run("check-config", Config("roles = [supervisor]\n include \"pipe.conf\""));
        var token = await CliHarness.Run("nodes", "--token-file", pipe);
        var certificate = await CliHarness.Run(
            "check-config", Config($"clusters.kube {{ engine = etcd, endpoints = [\"https://127.0.0.1:1\"], tls.ca = \"{pipe}\", auth {{ user = a, password-file = \"{pipe}\" }} }}"));

        Assert.Equal([2, 2, 2, 2], (int[])[file.Code, include.Code, token.Code, certificate.Code]);
        Assert.Contains("cannot be read: it is a pipe or a device, not a file", file.Error, StringComparison.Ordinal);
        Assert.Contains("cannot include \"pipe.conf\": it is a pipe or a device, not a file", include.Error, StringComparison.Ordinal);
        Assert.Contains("it is a pipe or a device, not a file", token.Error, StringComparison.Ordinal);
        Assert.Contains("tls.ca: expected PEM files, but the certificates cannot be read: it is a pipe or a device, not a file", certificate.Error, StringComparison.Ordinal);
        Assert.Contains("auth.password-file: expected a file with the password", certificate.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_finds_nothing_wrong_where_all_is_well()
    {
        var ports = FreePorts.Find(2);

        var (code, output, error) = await CliHarness.Run("doctor", "--config", Config(Node(ports[0], ports[1])));

        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["check", "configuration", "http-port", "remoting-port", "data-directory", "journal-directory", "journal", "clock"], lines.Select(line => line.Split(' ')[0]));
        Assert.DoesNotContain("  fail  ", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(directory.Path));
    }

    [SkippableFact, UnsupportedOSPlatform("windows")]
    public async Task The_doctor_warns_of_files_with_data_or_secrets_that_every_user_can_read()
    {
        Skip.If(OperatingSystem.IsWindows(), "It has no such rights.");
        if (OperatingSystem.IsWindows())
        {
            // What the analyser does not see of the line before.
            return;
        }

        const UnixFileMode open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        File.SetUnixFileMode(directory.Path, open | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        foreach (var name in (string[])["journal.sqlite", "password", "other-password"])
        {
            var file = Path.Combine(directory.Path, name);
            await File.WriteAllTextAsync(file, "");
            File.SetUnixFileMode(file, name == "other-password" ? UnixFileMode.UserRead : open);
        }

        File.SetUnixFileMode(Directory.CreateDirectory(Path.Combine(directory.Path, "data")).FullName, open | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "password"), "secret");
        var ports = FreePorts.Find(2);
        var found = await Diagnose(Node(ports[0], ports[1]) + $$"""

              clusters.kube { engine = etcd, endpoints = ["http://127.0.0.1:1"], auth { user = a, password-file = "{{directory.Path}}/password" } }
            """);

        Assert.Equal(
            ["data", "journal.sqlite", "password"],
            found.Where(finding => finding is { Check: "file-permissions", State: FindingState.Warn }).Select(finding => Path.GetFileName(finding.Remedy)));
    }

    [Fact]
    public async Task The_doctor_says_of_each_trouble_what_it_is_and_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        var free = FreePorts.Find(2);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "data"), "a file");
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "journal.sqlite"), new string('x', 5000));

        var found = await Diagnose(Node(free[0], taken) + $$"""

              remoting.seed-nodes = ["127.0.0.1:{{taken}}", "127.0.0.1:{{free[1]}}"]
              clusters.kube { engine = etcd, endpoints = ["http://127.0.0.1:1"] }
            """);

        Assert.Equal(
            [
                ("configuration", FindingState.Ok), ("http-port", FindingState.Ok), ("remoting-port", FindingState.Fail), ("seed-node", FindingState.Warn),
                ("data-directory", FindingState.Fail), ("journal-directory", FindingState.Ok), ("journal", FindingState.Fail), ("cluster", FindingState.Fail),
            ],
            found.Where(finding => finding.Check != "clock").Select(finding => (finding.Check, finding.State)));
        Assert.All(found, finding => Assert.Equal(finding.State == FindingState.Ok, finding.Remedy.Length == 0));
        Assert.Contains("is in use by another program", Text(found, "remoting-port"), StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{free[1]} does not answer", Text(found, "seed-node"), StringComparison.Ordinal);
        Assert.Contains("is a file", Text(found, "data-directory"), StringComparison.Ordinal);
        Assert.Contains("is not a SQLite database", Text(found, "journal"), StringComparison.Ordinal);
        Assert.Contains("no endpoint of kube answers", Text(found, "cluster"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_another_process_uses_is_told()
    {
        var held = new CollectionDirectory(Path.Combine(directory.Path, "data"), "_system", "catalog");
        using var store = CollectionStore.Open(held, new CollectionSettings([]), new StorageOptions(), TimeProvider.System);

        var found = await Diagnose(Node(FreePorts.Find(1)[0], FreePorts.Find(1)[0]));

        Assert.Contains(found, finding => finding is { Check: "data-directory", State: FindingState.Fail }
            && finding.Text.Contains("Another process uses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_that_a_running_orchestrator_has_is_no_trouble()
    {
        await using var api = await ApiHost.Start();

        var found = await Diagnose(Node(api.Client.BaseAddress!.Port, FreePorts.Find(1)[0]));

        Assert.Equal(FindingState.Ok, found.Single(finding => finding.Check == "http-port").State);
        Assert.Contains("runs already", Text(found, "http-port"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(300, "Ok", "is valid until")]
    [InlineData(20, "Warn", "is valid only until")]
    [InlineData(-1, "Fail", "has been invalid since")]
    [InlineData(300, "Fail", "is not valid before", 1)]
    public async Task The_doctor_tells_how_long_certificates_are_good(int days, string state, string says, int from = -400)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(from), now.AddDays(days));
        var http = Path.Combine(directory.Path, "http.pem");
        await File.WriteAllTextAsync(http, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        var remoting = Path.Combine(directory.Path, "remoting.p12");
        await File.WriteAllBytesAsync(remoting, certificate.Export(X509ContentType.Pkcs12, "abc"));

        var found = await Diagnose(Node(0, 0) + $$"""

              http.tls.certificate = "{{http}}"
              remoting.tls { certificate = "{{remoting}}", password = abc }
            """);

        var certificates = found.Where(finding => finding.Check.EndsWith("-certificate", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, certificates.Count);
        Assert.All(certificates, finding => Assert.Equal(state, finding.State.ToString()));
        Assert.All(certificates, finding => Assert.Contains(says, finding.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_that_is_behind_the_program_is_wrong()
    {
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(FindingState.Fail, ClockCheck.Look(TimeProvider.System, now.AddDays(1)).State);
        Assert.NotEqual(FindingState.Fail, ClockCheck.Look(TimeProvider.System, now.AddDays(-1)).State);
    }

    [Fact]
    public async Task The_version_is_told_to_people_and_programs()
    {
        var text = await CliHarness.Run("version");
        var json = await CliHarness.Run("version", "--output", "json");

        var version = JsonNode.Parse(json.Out)!["version"]!.GetValue<string>();
        Assert.StartsWith($"orchestrator {version}", text.Out, StringComparison.Ordinal);
    }

    private static string Text(IReadOnlyList<Finding> found, string check) => found.Single(finding => finding.Check == check).Text;

    private string Node(int http, int remoting) => $$"""
        roles = [node, supervisor], http.port = {{http}}, remoting.port = {{remoting}}
          node { name = node-1, data-directory = "{{directory.Path}}/data" }
          journal.file = "{{directory.Path}}/journal.sqlite"
          clusters.main.replica-sets.rs-1.members = [node-1]
        """;

    private Task<IReadOnlyList<Finding>> Diagnose(string settings) => Diagnosis.Make(Config(settings), TimeProvider.System, default);

    private string Config(string settings)
    {
        var file = Path.Combine(directory.Path, "orchestrator.conf");
        File.WriteAllText(file, $"orchestrator {{ {settings}\n}}\n");
        return file;
    }
}
