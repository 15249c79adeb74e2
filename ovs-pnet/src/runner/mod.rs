//! The thread that moves frames, and sleeps when there are none.

mod worker;

pub use worker::{Failure, Worker};

use crate::{Error, Port, Readiness};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use ovs_core::{Forwarder, Instant, PortNo};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Turns between two looks at which sleeping devices have become ready, while others are busy.
const TURNS_PER_LOOK: usize = 4;

/// While frames move without a pause, how often it is asked what else is due.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

const WAKER: Token = Token(usize::MAX);

/// The clock of a runner: the time since it was made.
#[derive(Clone, Copy, Debug)]
pub struct Clock(std::time::Instant);

impl Clock {
    /// A clock that stands at zero now.
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The time.
    pub fn now(&self) -> Instant {
        Instant::ZERO + self.0.elapsed()
    }
}

enum Command {
    Attach(PortNo, Box<dyn Port>, Sender<Result<(), Error>>),
    Detach(PortNo, Sender<Option<Box<dyn Port>>>),
    Stop,
}

/// A thread of its own for a [`Worker`]: it sleeps until a device has frames, moves them, and
/// sleeps again, without polling and without delay.
///
/// All devices among which frames are to move belong to one runner. Dropping it stops the
/// thread and closes the devices.
#[derive(Debug)]
pub struct Runner {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    failures: Receiver<Failure>,
    clock: Clock,
    thread: Option<JoinHandle<()>>,
}

impl Runner {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the operating system has no descriptor or thread left.
    pub fn start<F: Forwarder + Send + 'static>(forwarder: F) -> Result<Self, Error> {
        let runner_error = |source| Error::Runner { source };
        let poll = Poll::new().map_err(runner_error)?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER).map_err(runner_error)?);
        let (commands, inbox) = mpsc::channel();
        let (report, failures) = mpsc::channel();
        let clock = Clock::start();
        let body = Loop { worker: Worker::new(forwarder), poll, inbox, report, clock };
        let thread = std::thread::Builder::new().name("ovs-runner".into());
        let thread = thread.spawn(move || body.run()).map_err(runner_error)?;
        Ok(Self { commands, waker, failures, clock, thread: Some(thread) })
    }

    /// The clock by which the forwarder is told the time.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// What calls the thread when it sleeps, so that it polls the forwarder: to be given to
    /// [`SoftSwitch::wake_with`](ovs_core::SoftSwitch::wake_with), or packets of controllers wait until frames
    /// come.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let waker = self.waker.clone();
        move || drop(waker.wake())
    }

    /// Makes `device` the device of `port` of the switch, in place of the one before.
    ///
    /// # Errors
    /// If its descriptor cannot be watched, or the thread has ended.
    pub fn attach(&self, port: PortNo, device: impl Port + 'static) -> Result<(), Error> {
        let (reply, answer) = mpsc::channel();
        self.tell(Command::Attach(port, Box::new(device), reply));
        answer.recv().unwrap_or(Err(Error::RunnerStopped))
    }

    /// Takes the device of `port` back, if there is one.
    pub fn detach(&self, port: PortNo) -> Option<Box<dyn Port>> {
        let (reply, answer) = mpsc::channel();
        self.tell(Command::Detach(port, reply));
        answer.recv().ok().flatten()
    }

    /// The next device that failed or came to its end, waiting for one up to `timeout`.
    pub fn failure(&self, timeout: Duration) -> Option<Failure> {
        self.failures.recv_timeout(timeout).ok()
    }

    /// Does the thread still run? Not if it panicked.
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    fn tell(&self, command: Command) {
        // If the thread is gone, who waits for an answer finds its channel closed.
        if self.commands.send(command).is_ok() {
            self.waker.wake().ok();
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What the thread owns.
struct Loop<F> {
    worker: Worker<F>,
    poll: Poll,
    inbox: Receiver<Command>,
    report: Sender<Failure>,
    clock: Clock,
}

impl<F: Forwarder> Loop<F> {
    fn run(mut self) {
        let mut events = Events::with_capacity(256);
        let mut next_poll = Instant::ZERO;
        let mut turns = 0;
        loop {
            let now = self.clock.now();
            let idle = self.worker.is_idle();
            if idle || now >= next_poll {
                let report = &self.report;
                let due = self.worker.poll(now, |failure| drop(report.send(failure)));
                next_poll = now + POLL_INTERVAL;
                if idle {
                    let sleep = due.map(|due| due.since(now));
                    if !self.look(&mut events, sleep) {
                        return;
                    }
                    continue;
                }
            }
            turns += 1;
            if turns % TURNS_PER_LOOK == 0 && !self.look(&mut events, Some(Duration::ZERO)) {
                return;
            }
            let report = &self.report;
            self.worker.turn(now, |failure| drop(report.send(failure)));
        }
    }

    /// Waits for devices that have frames and for commands; false: it is time to stop.
    fn look(&mut self, events: &mut Events, timeout: Option<Duration>) -> bool {
        // mio rounds down to milliseconds on some systems: a timer must not fire early over
        // and over.
        let timeout = timeout.map(|timeout| {
            if timeout.is_zero() { timeout } else { timeout + Duration::from_millis(1) }
        });
        if let Err(error) = self.poll.poll(events, timeout) {
            return error.kind() == std::io::ErrorKind::Interrupted;
        }
        let mut commanded = false;
        for event in events.iter() {
            match event.token() {
                WAKER => commanded = true,
                Token(port) => self.worker.mark_ready(PortNo(port as u32)),
            }
        }
        !commanded || self.obey()
    }

    /// Carries out what was commanded; false: to stop.
    fn obey(&mut self) -> bool {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Attach(port, device, reply) => {
                    drop(reply.send(self.attach(port, device)));
                }
                Command::Detach(port, reply) => drop(reply.send(self.detach(port))),
                Command::Stop => return false,
            }
        }
        true
    }

    fn attach(&mut self, port: PortNo, device: Box<dyn Port>) -> Result<(), Error> {
        self.detach(port);
        if let Readiness::Readable(descriptor) = device.readiness() {
            let registry = self.poll.registry();
            registry
                .register(
                    &mut SourceFd(&descriptor.as_raw_fd()),
                    Token(port.0 as usize),
                    Interest::READABLE,
                )
                .map_err(|source| Error::Runner { source })?;
        }
        self.worker.attach(port, device);
        Ok(())
    }

    fn detach(&mut self, port: PortNo) -> Option<Box<dyn Port>> {
        let device = self.worker.detach(port)?;
        if let Readiness::Readable(descriptor) = device.readiness() {
            // Only fails if it is not registered.
            self.poll.registry().deregister(&mut SourceFd(&descriptor.as_raw_fd())).ok();
        }
        Some(device)
    }
}
