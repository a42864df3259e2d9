using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Orchestrator.Host.Demo;

namespace Orchestrator.Kubernetes.Tests.Support;

/// <summary>
/// A real Kubernetes API server with its etcd on loopback, for all tests of this project, each in a namespace of its own. It ends with this
/// process. The program is what .ci/kube-apiserver builds.
/// </summary>
public sealed class ApiServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string Program = Path.Combine(Directory("ORCHESTRATOR_KUBE"), "kube-apiserver");

    private readonly string _directory = System.IO.Directory.CreateTempSubdirectory("orchestrator-kube-").FullName;
    private readonly List<Process> _processes = [];
    private readonly string _token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly string _operatorToken = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private int _port;
    private int _etcdPort;

    /// <summary>Its port on loopback.</summary>
    public int Port => _port;

    /// <summary>Path of the kubeconfig with all rights.</summary>
    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    /// <summary>Path of the kubeconfig of the user <c>operator</c>, who has no rights but those that a test gives.</summary>
    public string OperatorKubeconfig => Path.Combine(_directory, "operator.kubeconfig");

    private static bool IsThere => File.Exists(Program) && Paths().Any(path => File.Exists(Path.Combine(path, "etcd"))) && Paths().Any(path => File.Exists(Path.Combine(path, "kubectl")));

    /// <summary>The test is skipped without the server, unless it is required.</summary>
    public static void Require()
    {
        Installed.RequireEtcd();
        Installed.RequireProgram("kube-apiserver", "kubectl", "apt-get install kubernetes-client");
        Installed.Require("kube-apiserver", File.Exists(Program), ".ci/kube-apiserver has not built the server");
    }

    public async Task InitializeAsync()
    {
        if (!IsThere)
        {
            return;
        }

        var ports = FreePorts.Find(3);
        (_port, _etcdPort) = (ports[0], ports[1]);
        WriteFiles();
        StartEtcd(ports[1], ports[2]);
        StartServer(ports[1]);
        await AwaitReady();
        await ApplyDefinitions();
        await Kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=240s");
    }

    public async Task DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        TemporaryFiles.Delete(_directory);
    }

    /// <summary>Ends the server as a crash would; its data stays in etcd.</summary>
    public async Task Kill()
    {
        _processes[^1].Kill(entireProcessTree: true);
        await _processes[^1].WaitForExitAsync();
        _processes.RemoveAt(_processes.Count - 1);
    }

    /// <summary>Makes a namespace that no other test uses.</summary>
    public async Task<string> NewNamespace()
    {
        var name = $"t{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
        await Kubectl("create", "namespace", name);
        return name;
    }

    /// <summary>Puts objects where the server keeps those of custom resources: far cheaper than to have it make each.</summary>
    public async Task Store(IEnumerable<(string Key, JsonObject Content)> objects)
    {
        const int MostInOneCall = 100;
        using var http = new HttpClient();
        foreach (var part in objects.Chunk(MostInOneCall))
        {
            var puts = part.Select(entry => (JsonNode)new JsonObject
            {
                ["requestPut"] = new JsonObject { ["key"] = Base64($"/registry/{entry.Key}"), ["value"] = Base64(entry.Content.ToJsonString()) },
            });
            using var body = new StringContent(new JsonObject { ["success"] = new JsonArray([.. puts]) }.ToJsonString());
            using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{_etcdPort.ToString(CultureInfo.InvariantCulture)}/v3/kv/txn"), body);
            answer.EnsureSuccessStatusCode();
        }

        static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Runs kubectl with all rights and gives what it says.</summary>
    public Task<string> Kubectl(params IReadOnlyList<string> arguments) => KubectlWith("", arguments);

    /// <summary>The same with an object on standard input.</summary>
    public async Task<string> KubectlWith(string input, params IReadOnlyList<string> arguments)
    {
        var (code, output, error) = await TryKubectl(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {error}{output}");
        return output;
    }

    public async Task<(int Code, string Output, string Error)> TryKubectl(string input, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("kubectl")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = Kubeconfig, ["HOME"] = _directory },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading it; what it says tells why.
        }

        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Strictly: an unknown field is an error. This server is older than the rules in CEL, which alone are left out.</summary>
    private async Task ApplyDefinitions()
    {
        var folder = Repository.PathOf("k8s", "crds");
        foreach (var file in System.IO.Directory.GetFiles(folder, "*.yaml").Where(file => !file.EndsWith("kustomization.yaml", StringComparison.Ordinal)))
        {
            var definition = JsonNode.Parse(await Kubectl("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", file))!;
            RemoveRules(definition);
            await KubectlWith(definition.ToJsonString(), "apply", "--validate=true", "-f", "-");
        }
    }

    private static void RemoveRules(JsonNode? node)
    {
        if (node is JsonObject fields)
        {
            fields.Remove("x-kubernetes-validations");
            foreach (var (_, value) in fields)
            {
                RemoveRules(value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                RemoveRules(item);
            }
        }
    }

    private static IEnumerable<string> Paths() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(path => path.Length > 0);

    private static string Directory(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set
        ? set
        : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/", ".cache"),
            "orchestrator-kube");

    private void StartEtcd(int client, int peer) => Start(
        "etcd",
        "etcd.log",
        "--data-dir", Path.Combine(_directory, "etcd"), "--unsafe-no-fsync",
        "--listen-client-urls", $"http://127.0.0.1:{client}", "--advertise-client-urls", $"http://127.0.0.1:{client}",
        "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
        "--initial-cluster", $"default=http://127.0.0.1:{peer}", "--log-level", "warn");

    /// <summary>Without a controller manager nobody makes the accounts for which the admission of service accounts asks.</summary>
    private void StartServer(int etcd) => Start(
        Program,
        "kube-apiserver.log",
        "--etcd-servers", $"http://127.0.0.1:{etcd}", "--bind-address", "127.0.0.1", "--secure-port", _port.ToString(CultureInfo.InvariantCulture),
        "--tls-cert-file", "server.crt", "--tls-private-key-file", "server.key", "--token-auth-file", "tokens.csv", "--authorization-mode", "RBAC",
        "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-signing-key-file", "accounts.key",
        "--service-account-key-file", "accounts.key", "--service-cluster-ip-range", "10.0.0.0/24", "--endpoint-reconciler-type", "none",
        "--allow-privileged", "--disable-admission-plugins", "ServiceAccount");

    private void Start(string program, string log, params IReadOnlyList<string> arguments)
    {
        // Both end with this process, also where it is killed: the shell waits for the end of its input.
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _directory,
            RedirectStandardInput = true,
            ArgumentList = { "-c", "program=$0 log=$1; shift; \"$program\" \"$@\" >> \"$log\" 2>&1 < /dev/null & child=$!; cat > /dev/null; kill -KILL $child", program, log },
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _processes.Add(Process.Start(start)!);
    }

    private async Task AwaitReady()
    {
        using var patience = new CancellationTokenSource(Patience);
        while ((await TryKubectl("", ["get", "--raw", "/readyz"])).Code != 0)
        {
            if (patience.IsCancellationRequested)
            {
                Assert.Fail($"the API server was never ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "kube-apiserver.log"))}");
            }

            await Task.Delay(200);
        }

        // Namespaces are made by the server itself, a moment later.
        while ((await TryKubectl("", ["get", "namespace", "default"])).Code != 0 && !patience.IsCancellationRequested)
        {
            await Task.Delay(200);
        }
    }

    private void WriteFiles()
    {
        using var accounts = RSA.Create(2048);
        Write("accounts.key", accounts.ExportRSAPrivateKeyPem());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        Write("server.crt", certificate.ExportCertificatePem());
        Write("server.key", key.ExportPkcs8PrivateKeyPem());
        Write("tokens.csv", $"{_token},admin,admin,system:masters\n{_operatorToken},operator,operator\n");
        Write("kubeconfig", Config(_token));
        Write("operator.kubeconfig", Config(_operatorToken));
    }

    private string Config(string token) => $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "https://127.0.0.1:{{_port}}", certificate-authority: "{{Path.Combine(_directory, "server.crt")}}" } }]
            users: [{name: admin, user: {token: "{{token}}" } }]
            contexts: [{name: test, context: {cluster: test, user: admin, namespace: default } }]

            """;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}

/// <summary>The tests of one server; not at the same time, since two processors carry it all.</summary>
[CollectionDefinition(Name)]
public sealed class ApiServerTests : ICollectionFixture<ApiServer>
{
    public const string Name = "kube-apiserver";
}
