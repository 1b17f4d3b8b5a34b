import {
  ACTIVITY,
  type Activity,
  CONTROL_TARGET,
  type ControlMethods,
  defaultLanguageOf,
  isJsonObject,
  parseActivity,
} from '@ferrobook/notebook';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import { JSONRPCClient, JSONRPCServer, JSONRPCServerAndClient } from 'json-rpc-2.0';

/** Statuses of a kernel in which its comms are gone, or will be. */
const GONE: ReadonlySet<Kernel.Status> = new Set<Kernel.Status>([
  'restarting',
  'autorestarting',
  'terminating',
  'dead',
]);

/** What is said to the kernel beside a method's name. */
type Parameters<Method extends keyof ControlMethods> =
  ControlMethods[Method]['parameters'] extends object ? [ControlMethods[Method]['parameters']] : [];

/**
 * The way to the kernel of a notebook itself: JSON-RPC over a comm. It follows the notebook from kernel to kernel. A
 * kernel that does not have the comm, being none of Ferrobook's or an old one, leaves it unconnected.
 */
export class KernelControl {
  private static readonly all = new WeakMap<ISessionContext, KernelControl>();
  private readonly rpc: JSONRPCServerAndClient;
  private readonly changed = new Signal<this, void>(this);
  private comm: Kernel.IComm | undefined;
  private shown: Activity | undefined;
  /** When {@link activity} was told, as a reading of `performance.now()`. */
  private toldAt = 0;
  /** The kernel to which a comm is being opened. */
  private connecting: Kernel.IKernelConnection | undefined;
  /** The kernel that has closed the comm: it does not know the target. */
  private refusing: Kernel.IKernelConnection | undefined;

  private constructor(private readonly context: ISessionContext) {
    const client = new JSONRPCClient(
      (payload) => {
        if (this.comm === undefined) throw new Error('the kernel cannot be asked');
        void this.comm.send(payload as Record<string, never>).done.catch(() => undefined);
      },
      // Several pages may share a comm.
      () => UUID.uuid4(),
    );
    this.rpc = new JSONRPCServerAndClient(new JSONRPCServer(), client, {
      errorListener: () => undefined,
    });
    this.rpc.addMethod(ACTIVITY, (activity: unknown) => {
      this.show(parseActivity(activity));
    });
    context.kernelChanged.connect(() => {
      this.disconnect();
      void this.connect();
    });
    context.statusChanged.connect((_, status) => {
      if (GONE.has(status)) this.disconnect();
      else void this.connect();
    });
    context.connectionStatusChanged.connect((_, status) => {
      // What the kernel has told meanwhile is lost.
      if (status === 'connected' && this.comm !== undefined) void this.watch();
    });
    void this.connect();
  }

  /** The one of a notebook; several views of it share one. */
  static of({ sessionContext }: { sessionContext: ISessionContext }): KernelControl {
    let control = KernelControl.all.get(sessionContext);
    if (control === undefined) {
      control = new KernelControl(sessionContext);
      KernelControl.all.set(sessionContext, control);
    }
    return control;
  }

  /** Whether the kernel can be asked. */
  get isConnected(): boolean {
    return this.comm !== undefined;
  }

  /** What the kernel is at; `undefined` when it does not tell. */
  get activity(): Activity | undefined {
    return this.shown;
  }

  /** How long ago {@link activity} was told, in milliseconds. */
  get age(): number {
    return performance.now() - this.toldAt;
  }

  /** {@link activity} or {@link isConnected} is another one. */
  get activityChanged(): ISignal<this, void> {
    return this.changed;
  }

  /** Asks the kernel. Rejects with the reason when it refuses, or is gone before it has answered. */
  async request<Method extends keyof ControlMethods>(
    method: Method,
    ...[parameters]: Parameters<Method>
  ): Promise<unknown> {
    return this.rpc.request(method, parameters) as Promise<unknown>;
  }

  /** A cell's reply is there; the kernel will say so, too. */
  cellEnded(cellId: string): void {
    if (this.shown?.cell?.cellId === cellId) this.show({ ...this.shown, cell: null });
  }

  private async connect(): Promise<void> {
    const kernel = this.context.session?.kernel;
    if (
      kernel === null ||
      kernel === undefined ||
      defaultLanguageOf(kernel.name) === undefined ||
      kernel === this.refusing
    )
      return;
    if (this.comm !== undefined || kernel === this.connecting) return;
    this.connecting = kernel;
    try {
      // One that an earlier page has left open serves as well.
      const { content } = await kernel.requestCommInfo({ target_name: CONTROL_TARGET });
      const open = content.status === 'ok' ? Object.keys(content.comms) : [];
      if (kernel === this.connecting) {
        this.use(
          kernel,
          open.find((id) => !kernel.hasComm(id)),
        );
      }
    } catch {
      // The kernel went away; the next status of one that is there leads here again.
    }
    if (kernel === this.connecting) this.connecting = undefined;
  }

  private use(kernel: Kernel.IKernelConnection, open: string | undefined): void {
    const comm = kernel.createComm(CONTROL_TARGET, open);
    comm.onMsg = (message) => this.receive(message);
    comm.onClose = () => {
      this.disconnect();
      this.refusing = kernel;
    };
    if (open === undefined) void comm.open().done.catch(() => undefined);
    this.comm = comm;
    void this.watch();
  }

  private async watch(): Promise<void> {
    const { comm } = this;
    try {
      const activity = await this.request('watch');
      if (comm === this.comm) this.show(parseActivity(activity));
    } catch {
      // A kernel that can be asked, but does not tell.
      if (comm === this.comm) this.changed.emit();
    }
  }

  private receive({ content: { data } }: KernelMessage.ICommMsgMsg): void {
    // What is neither a request nor a response is not for us.
    if (isJsonObject(data)) void this.rpc.receiveAndSend(data).catch(() => undefined);
  }

  private disconnect(): void {
    this.connecting = undefined;
    this.refusing = undefined;
    if (this.comm === undefined) return;
    this.comm = undefined;
    this.rpc.rejectAllPendingRequests('the kernel is gone');
    this.show(undefined);
  }

  private show(activity: Activity | undefined): void {
    this.shown = activity;
    this.toldAt = performance.now();
    this.changed.emit();
  }
}
