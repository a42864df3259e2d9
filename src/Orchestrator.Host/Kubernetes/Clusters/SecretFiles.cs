using System.Security.Cryptography;

namespace Orchestrator.Host.Kubernetes.Clusters;

/// <summary>Keys of Secrets as files that only this process may read, for engines that take files. A file is named by its content, and goes with the process.</summary>
internal sealed class SecretFiles : IDisposable
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lazy<string> _directory = new(() => System.IO.Directory.CreateTempSubdirectory("orchestrator-clusters-").FullName);

    public string Directory => _directory.Value;

    /// <returns>The path of the file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Write(byte[] content)
    {
        var path = Path.Combine(Directory, $"{Convert.ToHexStringLower(SHA256.HashData(content))}.pem");
        if (!File.Exists(path))
        {
            var unfinished = Path.Combine(Directory, Path.GetRandomFileName());
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = Own;
            }

            using (var file = new FileStream(unfinished, options))
            {
                file.Write(content);
            }

            File.Move(unfinished, path, overwrite: true);
        }

        return path;
    }

    public void Dispose()
    {
        if (_directory.IsValueCreated)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
