using Orchestrator.Storage.Files;

namespace Orchestrator.Storage.Tests.Support;

/// <summary>The real file layer, where chosen calls fail and the disk can be made full.</summary>
internal sealed class FaultyFiles : FileLayer
{
    public Func<string, string, bool> Fails { get; set; } = static (_, _) => false;

    public long? Free { get; set; }

    public string? WhyNot { get; set; }

    /// <summary>Stands for the machine's start; null = the system does not tell.</summary>
    public string? Boot { get; set; } = "first";

    public override string? BootId => Boot;

    public override string? WhyNoHoles(string directory) => WhyNot ?? base.WhyNoHoles(directory);

    public override long FreeBytes(string directory) => Free ?? base.FreeBytes(directory);

    public override void Rename(string from, string to)
    {
        Check("rename", to);
        base.Rename(from, to);
    }

    public override void Delete(string path)
    {
        Check("delete", path);
        base.Delete(path);
    }

    public override void SyncFile(string path)
    {
        Check("sync", path);
        base.SyncFile(path);
    }

    public override void SyncDirectory(string path)
    {
        Check("sync-directory", path);
        base.SyncDirectory(path);
    }

    private void Check(string call, string path)
    {
        if (Fails(call, Path.GetFileName(path)))
        {
            throw new IOException($"Injected: {call} {path}");
        }
    }
}
